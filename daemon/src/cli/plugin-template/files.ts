import type { PluginNames } from './names.js';
import { pluginSource, pluginTest } from './source.js';

/** Versions that a new plugin is written against. */
export interface TemplateVersions {
  /** Of core and protocol, which share theirs. */
  readonly contract: string;
  readonly typescript: string;
  readonly nodeTypes: string;
}

/** Every file of a new plugin package, by its path. */
export function pluginFiles(names: PluginNames, versions: TemplateVersions): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', json(manifest(names, versions))],
    ['tsconfig.json', json(COMPILER)],
    ['.gitignore', 'node_modules/\ndist/\n'],
    ['src/index.ts', pluginSource(names)],
    ['test/index.test.ts', pluginTest(names)],
    ['README.md', readme(names)],
  ]);
}

function manifest(names: PluginNames, versions: TemplateVersions): object {
  const ours = {
    '@ai-orchestrator/core': `^${versions.contract}`,
    '@ai-orchestrator/protocol': `^${versions.contract}`,
  };
  return {
    name: names.packageName,
    version: '0.1.0',
    description: `${names.title}: a plugin of AI Orchestrator`,
    type: 'module',
    engines: { node: '>=20.19' },
    exports: { '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' } },
    files: ['dist/src'],
    scripts: { build: 'tsc', test: 'tsc && node --test dist/test/*.test.js', prepare: 'tsc' },
    peerDependencies: ours,
    devDependencies: { '@types/node': versions.nodeTypes, typescript: versions.typescript },
  };
}

const COMPILER = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    declaration: true,
    rootDir: '.',
    outDir: 'dist',
    types: ['node'],
  },
  include: ['src', 'test'],
};

function readme({ title, packageName, id, noun }: PluginNames): string {
  return `# ${packageName}

${title}: a plugin of AI Orchestrator. It answers one method, \`${noun}.greet\`, and records the event \`${noun}.greeted\`.

## Try it

Build and test it, then start a daemon that loads every plugin beside it:

\`\`\`sh
npm test
ORCHESTRATOR_PLUGIN_ROOTS="$(dirname "$PWD")" orchestrator dev
\`\`\`

and in another terminal:

\`\`\`sh
orchestrator call ${noun}.greet '{"name": "Ada"}'
\`\`\`

## Configure it

A plugin in one of the \`pluginRoots\` is loaded without being named. Name it to give it options, or to say that the daemon
should not start without it:

\`\`\`yaml
pluginRoots: [/opt/orchestrator-plugins]
plugins:
  ${id}:
    path: /opt/orchestrator-plugins/${id}
    required: true
    config:
      greeting: Good morning
\`\`\`

| option | what it is | unless said |
| --- | --- | --- |
| \`greeting\` | the first word of an answer | \`Hello\` |

Who may call \`${noun}.greet\` needs the permission \`${noun}:greet\`, which the role \`admin\` has.
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
