import type { OnReadOpts, Socket } from 'node:net';

/** A socket is read so much at a time, bytes. */
const READ_BYTES = 65_536;

/**
 * Has all sockets that are made with it read into one buffer, so that reading costs no memory of its own. They emit `data`, whose bytes are
 * good only until the listener returns; who keeps some copies them. What comes while nobody listens is lost, so listen in the turn in which
 * the socket is connected; over TLS, what was read already still comes after a pause, as much as one read at most.
 */
export function sharedReads(): OnReadOpts {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  return {
    buffer,
    callback(this: Socket, bytes: number): boolean {
      this.emit('data', buffer.subarray(0, bytes));
      return true;
    },
  };
}
