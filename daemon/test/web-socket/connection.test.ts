import { RPC_DEFAULTS, SystemClock, SystemTimers, TimingWheel } from '@ai-orchestrator/core';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { expect } from 'chai';
import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Connection } from '../../src/web-socket/connection.js';
import { Cork } from '../../src/web-socket/cork.js';
import { FrameWriter } from '../../src/web-socket/frame-writer.js';

/** A client's frame of 1 KiB; its mask is zeros, which leave the text as it is [RFC 6455 §5.3]. */
const FRAME = Buffer.concat([
  Buffer.from([0x81, 0x80 | 126, 1016 >> 8, 1016 & 255, 0, 0, 0, 0]),
  Buffer.alloc(1016, 'x'),
]);
const FRAMES_A_READ = 64;
/** A read of the kernel's that filled its buffer. */
const FULL_READ = Buffer.concat(Array.from({ length: FRAMES_A_READ }, () => FRAME));

describe('a connection', () => {
  it('that is flooded is read once a turn, so that others are heard in between [RPC-21]', async () => {
    const socket = new Socket();
    const connection = new Connection(socket, {
      frames: new FrameWriter(),
      cork: new Cork(),
      wheel: new TimingWheel(new SystemTimers(), new SystemClock(), 250),
      limits: RPC_DEFAULTS,
      frameLimits: { messageBytes: RPC_DEFAULTS.messageBytes, fragments: 8 },
      log: silentLog,
    });
    let heard = 0;
    connection.listen({ receive: () => heard++, drained: () => undefined, ended: () => undefined });
    await nextTurn();
    const heardByTurn: number[] = [];
    for (let read = 0; read < 3; read++) socket.push(Buffer.from(FULL_READ));
    for (let turn = 0; turn < 100 && heard < 3 * FRAMES_A_READ; turn++) {
      if (heardByTurn.at(-1) !== heard) heardByTurn.push(heard);
      await nextTurn();
    }
    socket.destroy();
    expect([...heardByTurn, heard]).to.deep.equal([1, 2, 3].map((reads) => reads * FRAMES_A_READ));
  });
});
