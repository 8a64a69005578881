import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate that signed itself, and its key; files in the folder. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM; also what a client trusts it by. */
  readonly cert: string;
}

/** Makes a certificate for an IP address; an earlier one in the folder is replaced. */
export async function makeCertificate(folder: string, address: string): Promise<Certificate> {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const names = ['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...names, '-days', '2', '-out', certFile]);
  return { certFile, keyFile, cert: await readFile(certFile, 'utf8') };
}
