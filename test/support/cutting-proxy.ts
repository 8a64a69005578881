import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy on loopback that can cut or hold up every connection that runs through it, in the middle of whatever is on its way. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #held = false;
  /** How often there was something to cut. */
  cuts = 0;
  /** Asked of every piece that comes through: how many bytes of it still do before everything is cut; all, and no cut, when it says nothing. */
  cutIn: (piece: Buffer, way: 'up' | 'down') => number | undefined = () => undefined;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((near) => {
      const far = connect(this.#port, '127.0.0.1');
      for (const [from, to, way] of [
        [near, far, 'up'],
        [far, near, 'down'],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (piece: Buffer) => {
          const passes = this.cutIn(piece, way);
          to.write(passes === undefined ? piece : piece.subarray(0, passes));
          if (passes !== undefined) this.cut();
        });
        if (this.#held) from.pause();
        // The other half ends with it; an error of a cut socket says nothing new.
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  /** @param url address of the target, of which the port is replaced */
  static async start(url: string): Promise<{ readonly proxy: CuttingProxy; readonly url: string }> {
    const target = new URL(url);
    const proxy = new CuttingProxy(Number(target.port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    target.port = String((proxy.#server.address() as AddressInfo).port);
    return { proxy, url: target.href };
  }

  cut(): void {
    if (this.#sockets.size > 0) this.cuts += 1;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Where new connections go from now on. */
  retarget(url: string): void {
    this.#port = Number(new URL(url).port);
  }

  /** Lets nothing through, and ends nothing, until it is let go. */
  hold(): void {
    this.#held = true;
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    this.#held = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
