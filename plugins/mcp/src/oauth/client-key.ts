import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** How long an assertion can be used; it is made anew for each request. */
const LIVES_SECONDS = 60;

/** [RFC 7518 §3.3] */
const MIN_RSA_BITS = 2_048;

/** What a key can sign with, the usual first [RFC 7518 §3.1, RFC 8037]. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  rsa: ['RS256', 'PS256', 'RS384', 'PS384', 'RS512', 'PS512'],
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
  ed25519: ['EdDSA', 'Ed25519'],
};

/** The private key that shows an authorization server who the daemon is, without ever being sent [RFC 7523 §2.2]. */
export class ClientKey {
  private constructor(
    private readonly key: KeyObject,
    private readonly algorithms: readonly string[],
    private readonly id: string | undefined,
  ) {}

  /**
   * @param text of the key: PEM without a passphrase, or a JWK
   * @param id `kid` by which the authorization server knows it; that of a JWK unless said
   * @throws Error saying what is expected; nothing of the text is in it
   */
  static parse(text: string, id?: string): ClientKey {
    const [key, ownId] = read(text);
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: { namedCurve = '', modulusLength } = {} } = key;
    if (modulusLength !== undefined && modulusLength < MIN_RSA_BITS) {
      throw new Error(`clientKey has ${modulusLength} bits: an RSA key of at least ${MIN_RSA_BITS} is expected`);
    }
    const algorithms = ALGORITHMS[type === 'ec' ? namedCurve : type];
    if (algorithms !== undefined) return new ClientKey(key, algorithms, id ?? ownId);
    throw new Error('clientKey is of a kind that signs nothing here: RSA, P-256, P-384, P-521 or Ed25519 is expected');
  }

  /**
   * Says for a minute, and for one authorization server alone, that it comes from a client.
   *
   * @param offered algorithms that the server announces; `undefined` when it announces none
   * @throws Error when none of them is for this key
   */
  assertion(
    clientId: string,
    issuer: string,
    offered: readonly string[] | undefined,
    now: number,
    id: string,
  ): Promise<string> {
    const algorithm = this.algorithms.find((one) => offered === undefined || offered.includes(one));
    if (algorithm === undefined) {
      throw new Error(
        `${issuer} takes assertions signed with ${(offered ?? []).join(', ').slice(0, 200)}, which clientKey cannot; register a key of that kind`,
      );
    }
    const seconds = Math.floor(now / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(this.id !== undefined && { kid: this.id }) })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + LIVES_SECONDS)
      .setJti(id)
      .sign(this.key);
  }
}

function read(text: string): readonly [KeyObject, string | undefined] {
  try {
    if (!text.trimStart().startsWith('{')) return [createPrivateKey(text), undefined];
    const key = JSON.parse(text) as Readonly<Record<string, string>>;
    return [createPrivateKey({ key, format: 'jwk' }), typeof key.kid === 'string' ? key.kid : undefined];
  } catch {
    // What the parser says could quote the key.
    throw new Error('clientKey holds no private key: a PEM without a passphrase, or a JWK, is expected');
  }
}
