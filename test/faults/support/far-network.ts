import { randomInt } from 'node:crypto';
import { tool } from './tool.js';

/** A network namespace at the other end of a virtual cable. */
export interface FarNetwork {
  /** Address of this end; reached from nowhere but here and the namespace. */
  readonly address: string;
  /** Options of nsenter(1) to run a program in the namespace. */
  readonly entry: readonly string[];
  /** Pulls the cable at the far end: what either side sends is lost, and neither is told. */
  pull(): Promise<unknown>;
  plug(): Promise<unknown>;
  dispose(): Promise<void>;
}

/** Makes one, with addresses of the range that is kept for tests of networks [RFC 2544]; runs at the same time have others. */
export async function farNetwork(): Promise<FarNetwork> {
  const subnet = `198.${18 + randomInt(2)}.${randomInt(256)}`;
  const name = `far-${process.pid}-${randomInt(1000)}`;
  const [near, far] = [`n${name}`.slice(0, 15), `f${name}`.slice(0, 15)];
  const ip = (...args: string[]): Promise<string> => tool('ip', ...args);
  await ip('netns', 'add', name);
  try {
    await ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
    await ip('address', 'add', `${subnet}.1/30`, 'dev', near);
    await ip('-n', name, 'address', 'add', `${subnet}.2/30`, 'dev', far);
    await ip('link', 'set', near, 'up');
    await ip('-n', name, 'link', 'set', far, 'up');
  } catch (error) {
    // Its end of the cable goes with it, and then the other end.
    await ip('netns', 'delete', name);
    throw error;
  }
  return {
    address: `${subnet}.1`,
    entry: [`--net=/run/netns/${name}`],
    pull: () => ip('-n', name, 'link', 'set', far, 'down'),
    plug: () => ip('-n', name, 'link', 'set', far, 'up'),
    async dispose() {
      await ip('link', 'delete', near);
      await ip('netns', 'delete', name);
    },
  };
}
