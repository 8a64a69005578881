import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { BINARY } from '../../support/command-line.js';

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { readonly name?: string } };
}

/** A connection that is logged in, or not, by the header. */
export class Connection {
  readonly closed: Promise<number>;
  #nextId = 1;
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  private constructor(private readonly socket: WebSocket) {
    this.closed = once(socket, 'close').then(([code]) => Number(code));
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
  }

  static async open(url: string, key?: string): Promise<Connection> {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const socket = new WebSocket(url, { headers });
    const connection = new Connection(socket);
    await once(socket, 'open');
    return connection;
  }

  /** The result, or the name of the error. */
  async call(method: string, params: object): Promise<unknown> {
    const id = this.#nextId++;
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const answer = await new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    return answer.error === undefined ? answer.result : (answer.error.data?.name ?? answer.error.message);
  }

  end(): void {
    this.socket.terminate();
  }
}

/** The real daemon in a directory of its own, for as long as a test runs. */
export class KeyedDaemon {
  private constructor(
    readonly directory: string,
    readonly url: string,
    readonly adminKey: string,
  ) {}

  /** Starts it, runs the test, stops it; answers its exit code and everything that it wrote. */
  static async during(run: (daemon: KeyedDaemon) => Promise<void>): Promise<{ code: number | null; written: string }> {
    const directory = await mkdtemp(join(tmpdir(), 'keyed-daemon-'));
    const child = spawn(process.execPath, [BINARY, 'start', '--data-dir', directory, '--http-port', '0'], {
      env: { PATH: process.env.PATH, HOME: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close');
    let output = '';
    try {
      const url = await new Promise<string>((resolve, reject) => {
        const read = (text: Buffer) => {
          output += text.toString();
          const ready = /Ready: (ws:\S+),/.exec(output)?.[1];
          if (ready !== undefined) resolve(ready);
        };
        child.stdout.on('data', read);
        child.stderr.on('data', read);
        child.once('close', () => reject(new Error(`the daemon ended: ${output}`)));
      });
      await run(new KeyedDaemon(directory, url, (await readFile(join(directory, 'admin.key'), 'utf8')).trim()));
      child.kill('SIGTERM');
      const [code] = (await ended) as [number | null];
      return { code, written: output + (await contents(directory)) };
    } finally {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true });
    }
  }
}

async function contents(directory: string): Promise<string> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && entry.name !== 'admin.key',
  );
  const texts = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')));
  return texts.join('\n');
}
