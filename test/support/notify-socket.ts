import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One notification: when it came, and its lines. */
export interface Notification {
  readonly at: number;
  readonly text: string;
}

/** Plays the service manager's side of sd_notify(3). Node has no datagram sockets of the Unix domain, so Python listens. */
export async function notifySocket(): Promise<{
  path: string;
  received: readonly Notification[];
  close: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-notify-'));
  const path = join(folder, 'socket');
  const program = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace(chr(10), ' '), flush=True)
`;
  const child = spawn('python3', ['-c', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const received: Notification[] = [];
  let bound: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (bound = resolve));
  child.stdout.on('data', (chunk: Buffer) => {
    for (const text of chunk.toString().trimEnd().split('\n')) {
      if (text === 'bound') bound();
      else received.push({ at: performance.now(), text });
    }
  });
  await ready;
  return {
    path,
    received,
    async close() {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      await rm(folder, { recursive: true });
    },
  };
}
