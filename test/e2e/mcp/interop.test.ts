import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { differences } from '../../support/mcp/comparable.js';
import { withGateway } from '../../support/mcp/gateway.js';
import { overHttp } from '../../support/mcp/over-http.js';
import { record, type Heard } from '../../support/mcp/record.js';
import { EVERYTHING, filesystem, type Subject } from '../../support/mcp/subject.js';
import { talk, type Place, type Speaker } from '../../support/mcp/talk.js';

/** Five programs on a busy machine. */
const TIMEOUT_MS = 120_000;

const SPEAKERS: readonly Speaker[] = ['SDK v1', 'SDK v2 legacy', 'SDK v2 auto', 'SDK v2 modern'];
const installed = createRequire(import.meta.url);
const MCP_REMOTE = join(dirname(installed.resolve('mcp-remote/package.json')), 'dist/proxy.js');

describe('the MCP gateway', function () {
  this.timeout(TIMEOUT_MS);

  for (const speaker of SPEAKERS) {
    it(`is not noticed by ${speaker} in front of server-everything on stdio [MCP-82]`, () =>
      unnoticed(EVERYTHING, speaker, 'stdio'));
    it(`is not noticed by ${speaker} in front of server-filesystem on stdio [MCP-83]`, () =>
      withFolder((folder) => unnoticed(filesystem(folder), speaker, 'stdio', () => filled(folder))));
    it(`is not noticed by ${speaker} in front of server-everything over HTTP [MCP-82]`, () =>
      unnoticed(EVERYTHING, speaker, 'HTTP'));
    it(`is not noticed by ${speaker} in front of server-filesystem over HTTP [MCP-83]`, () =>
      withFolder((folder) => unnoticed(filesystem(folder), speaker, 'HTTP', () => filled(folder))));
  }

  it('is not noticed by mcp-remote [MCP-84]', () =>
    withFolder((home) =>
      overHttp(EVERYTHING, async (url) => {
        const direct = await heard(EVERYTHING, 'SDK v1', remote({ url }, home));
        const through = await withGateway({ everything: { ...programOf(EVERYTHING), prefix: '' } }, ({ place }) =>
          heard(EVERYTHING, 'SDK v1', remote(place, home)),
        );
        expect(differences(through, direct)).to.deep.equal([]);
      }),
    ));
});

/** Compares what a client hears of a server with what it hears of the same server through the gateway. */
async function unnoticed(
  subject: Subject,
  speaker: Speaker,
  transport: 'stdio' | 'HTTP',
  prepare: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const compare = async (direct: Place, server: object): Promise<void> => {
    await prepare();
    // The server speaks the legacy era only, so a client that speaks the modern one only cannot be its own measure.
    const expected = await heard(subject, speaker === 'SDK v2 modern' ? 'SDK v2 legacy' : speaker, direct);
    await prepare();
    const found = await withGateway({ subject: { ...server, prefix: '' } }, ({ place }) =>
      heard(subject, speaker, place),
    );
    expect(differences(found, expected)).to.deep.equal([]);
  };
  const program = programOf(subject);
  if (transport === 'stdio') await compare(program, program);
  else await overHttp(program, (url) => compare({ url }, { url }));
}

async function heard(subject: Subject, speaker: Speaker, place: Place): Promise<Heard> {
  const connection = await talk(speaker, place);
  try {
    return await record(subject, connection);
  } finally {
    await connection.close();
  }
}

const programOf = ({ command, args }: Subject) => ({ command, args });

const remote = ({ url, headers = {} }: Extract<Place, { url: string }>, home: string): Place => ({
  command: process.execPath,
  args: [
    MCP_REMOTE,
    url,
    '--allow-http',
    '--transport',
    'http-only',
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
  ],
  env: { HOME: home, MCP_REMOTE_CONFIG_DIR: home },
});

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-mcp-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function filled(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await writeFile(join(folder, 'greeting.txt'), 'hello\n');
}
