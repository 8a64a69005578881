import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a server sent until it closed: the opcode and payload of each frame. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A client that sends whatever bytes a test wants. */
export class RawWebSocket {
  #received = Buffer.alloc(0);
  readonly ended: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Upgrades at `/rpc`; answers the head of the response with it. */
  static async connect(
    port: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ ws: RawWebSocket; head: string }> {
    const socket = connect(port, '127.0.0.1');
    const ws = new RawWebSocket(socket);
    const lines = Object.entries({
      host: `127.0.0.1:${port}`,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': Buffer.alloc(16, 7).toString('base64'),
      'sec-websocket-version': '13',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET /rpc HTTP/1.1\r\n${lines.join('')}\r\n`);
    while (!ws.#received.includes('\r\n\r\n')) await Promise.race([once(socket, 'data'), ws.ended]);
    const end = ws.#received.indexOf('\r\n\r\n') + 4;
    const head = ws.#received.toString('latin1', 0, end);
    ws.#received = ws.#received.subarray(end);
    return { ws, head };
  }

  /** Sends one frame, masked unless said. */
  send(opcode: number, payload: Buffer | string, { fin = true, masked = true, rsv = 0 } = {}): void {
    const bytes = Buffer.from(payload);
    const length = bytes.length;
    const head = [(fin ? 0x80 : 0) | rsv | opcode];
    const mask = masked ? 0x80 : 0;
    if (length < 126) head.push(mask | length);
    else if (length < 65_536) head.push(mask | 126, length >> 8, length & 255);
    else head.push(mask | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
    const key = masked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0);
    if (masked) for (let i = 0; i < length; i++) bytes[i] = (bytes[i] ?? 0) ^ (key[i & 3] ?? 0);
    this.socket.write(Buffer.concat([Buffer.from(head), key, bytes]));
  }

  /** Every frame received so far. */
  frames(): RawFrame[] {
    const frames: RawFrame[] = [];
    const bytes = this.#received;
    for (let at = 0; at + 2 <= bytes.length;) {
      const opcode = (bytes[at] ?? 0) & 15;
      let length = (bytes[at + 1] ?? 0) & 127;
      at += 2;
      if (length === 126) {
        length = bytes.readUInt16BE(at);
        at += 2;
      } else if (length === 127) {
        length = Number(bytes.readBigUInt64BE(at));
        at += 8;
      }
      frames.push({ opcode, payload: bytes.subarray(at, at + length) });
      at += length;
    }
    return frames;
  }

  /** Waits for the end and answers the close code that came before it. */
  async closeCode(): Promise<number | undefined> {
    await this.ended;
    const close = this.frames().find(({ opcode }) => opcode === 8);
    return close?.payload.readUInt16BE(0);
  }
}
