/** What every envelope says. */
interface Sent {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly hops: number;
  readonly timeoutMs: number;
}

/**
 * A message's envelope as JSON text. Written by hand because it stands on every request's way: ids, skills and trace contexts come in
 * forms that need no escaping, which their schemas see to; only the principal may.
 */
export function envelopeText(
  { id, from, to, hops, timeoutMs }: Sent,
  fromAgent: string | undefined,
  skill: string | undefined,
  stream: boolean,
  traceparent: string | undefined,
): string {
  let text = `{"id":"${id}","from":${JSON.stringify(from)}`;
  if (fromAgent !== undefined) text += `,"fromAgent":"${fromAgent}"`;
  text += `,"to":"${to}"`;
  if (skill !== undefined) text += `,"skill":"${skill}"`;
  text += `,"hops":${String(hops)},"timeoutMs":${String(timeoutMs)}`;
  if (stream) text += ',"stream":true';
  if (traceparent !== undefined) text += `,"traceparent":"${traceparent}"`;
  return `${text}}`;
}
