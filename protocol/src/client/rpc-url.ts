/**
 * The WebSocket address for what people write: `http` becomes `ws`, and without a path it is `/rpc`.
 *
 * @throws TypeError when it is no URL of these schemes
 */
export function rpcUrl(text: string): string {
  if (!URL.canParse(text)) {
    const said = text === '' ? 'The URL of the daemon is missing' : `"${text}" is no URL of a daemon`;
    throw new TypeError(`${said}; write for example ws://127.0.0.1:7420/rpc`);
  }
  const url = new URL(text);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new TypeError(`The daemon's URL begins with ws:, wss:, http: or https:, not with ${url.protocol}`);
  }
  if (url.pathname === '/') url.pathname = '/rpc';
  return url.href;
}
