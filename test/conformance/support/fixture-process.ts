import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../fixture/main.js', import.meta.url));

/** Runs the fixture in a process of its own while `use` runs. */
export async function withFixture<T>(use: (url: string) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { port } = JSON.parse(line) as { port: number };
    return await use(`http://localhost:${port}/mcp`);
  } finally {
    child.kill();
    await ended;
  }
}
