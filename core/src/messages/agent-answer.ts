/** `{"ack": false}`, with room for spaces; longer answers are somebody's results, which nobody asked for. */
const LONGEST_ACK = 64;
const OPEN_BRACE = 0x7b;

/** Whether an agent's answer to a message says that it settles it by a call of its own. */
export function wantsToAckItself(bytes: Uint8Array): boolean {
  if (bytes[0] !== OPEN_BRACE || bytes.length > LONGEST_ACK) return false;
  const { ack } = JSON.parse(Buffer.from(bytes).toString()) as { readonly ack?: unknown };
  return ack === false;
}

/** `retryAfterMs` in the data of an agent's error, at most a day. */
export function retryAfterIn(data: unknown): number | undefined {
  const { retryAfterMs } = (data ?? {}) as { readonly retryAfterMs?: unknown };
  if (typeof retryAfterMs !== 'number' || !(retryAfterMs >= 0)) return undefined;
  return Math.min(retryAfterMs, 86_400_000);
}
