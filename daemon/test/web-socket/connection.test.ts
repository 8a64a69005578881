import { RPC_DEFAULTS, SystemTimers, TimingWheel } from '@ai-orchestrator/core';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { expect } from 'chai';
import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Connection } from '../../src/web-socket/connection.js';
import { Cork } from '../../src/web-socket/cork.js';
import { FrameWriter } from '../../src/web-socket/frame-writer.js';
import { ReadShare } from '../../src/web-socket/read-share.js';

/** A client's frame of 1 KiB; its mask is zeros, which leave the text as it is [RFC 6455 §5.3]. */
const FRAME = Buffer.concat([
  Buffer.from([0x81, 0x80 | 126, 1016 >> 8, 1016 & 255, 0, 0, 0, 0]),
  Buffer.alloc(1016, 'x'),
]);
const FRAMES_A_READ = 64;
/** A read of the kernel's that filled its buffer. */
const FULL_READ = Buffer.concat(Array.from({ length: FRAMES_A_READ }, () => FRAME));

/** How many of the frames are heard, turn by turn, when reading one takes so long and a turn has 10 ms for them. */
async function heardByTurn(
  sockets: readonly Socket[],
  frameMs: number,
  frames: number,
  send: (socket: Socket) => void = (socket) => {
    socket.push(Buffer.from(FULL_READ));
  },
): Promise<number[][]> {
  let now = 0;
  const clock = { now: () => now, monotonicMs: () => now };
  const shared = {
    frames: new FrameWriter(),
    cork: new Cork(),
    readShare: new ReadShare(clock, 10),
    wheel: new TimingWheel(new SystemTimers(), clock, 250),
    limits: RPC_DEFAULTS,
    frameLimits: { messageBytes: RPC_DEFAULTS.messageBytes, fragments: 8 },
    log: silentLog,
  };
  const heard = sockets.map(() => 0);
  const receive = (i: number) => () => {
    heard[i] = (heard[i] ?? 0) + 1;
    now += frameMs;
  };
  for (const [i, socket] of sockets.entries()) {
    new Connection(socket, shared).listen({
      receive: receive(i),
      drained: () => undefined,
      ended: () => undefined,
    });
  }
  await nextTurn();
  const seen: number[][] = [];
  for (const socket of sockets) send(socket);
  for (let turn = 0; turn < 1000 && heard.some((count) => count < frames); turn++) {
    if (seen.at(-1)?.join() !== heard.join()) seen.push([...heard]);
    await nextTurn();
  }
  for (const socket of sockets) socket.destroy();
  return [...seen, heard];
}

describe('a connection', () => {
  it('that is flooded is read once a turn, so that others are heard in between [RPC-21]', async () => {
    const socket = new Socket();
    for (let read = 0; read < 2; read++) socket.push(Buffer.from(FULL_READ));
    const heard = await heardByTurn([socket], 0, 3 * FRAMES_A_READ);
    expect(heard).to.deep.equal([1, 2, 3].map((reads) => [reads * FRAMES_A_READ]));
  });

  it('goes on in the next turn with what it read when its calls take long, after others were heard [RPC-22]', async () => {
    const heard = await heardByTurn([new Socket(), new Socket()], 3, FRAMES_A_READ);
    const most = heard.slice(1).map((counts, turn) => counts.map((count, i) => count - (heard[turn]?.[i] ?? 0)));
    expect({
      all: heard.at(-1),
      // The 10 ms of a turn begin with its first frame, and end in its fifth; the other connection has one in any case.
      inOneTurn: Math.max(...most.map(([one = 0, other = 0]) => one + other)),
      otherWaits: most.slice(0, 10).some(([, other]) => other === 0),
    }).to.deep.equal({ all: [FRAMES_A_READ, FRAMES_A_READ], inOneTurn: 6, otherWaits: false });
  });

  it('whose client has sent its last is heard to the end [RPC-22]', async () => {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = await accepted;
    const heard = await heardByTurn([socket], 11, FRAMES_A_READ, () => {
      client.end(FULL_READ);
    });
    client.destroy();
    server.close();
    expect(heard.at(-1)).to.deep.equal([FRAMES_A_READ]);
  });
});
