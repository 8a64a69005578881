import { expect } from 'chai';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { fileURLToPath } from 'node:url';
import { RULES } from './architecture/rules.js';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Broken rules as `rule: from -> to`, and how many files were looked at. */
async function violations(baseDir: string, folders: string[]): Promise<{ files: number; broken: string[] }> {
  const { output } = await cruise(folders, {
    baseDir,
    validate: true,
    ruleSet: { forbidden: RULES },
    tsPreCompilationDeps: 'specify',
    combinedDependencies: true,
    // Workspace packages are resolved to their sources: by `default` they would be looked for in dist, and pass unseen without it.
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
  });
  const result = output as ICruiseResult;
  return {
    files: result.summary.totalCruised,
    broken: result.summary.violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`).sort(),
  };
}

describe('architecture', () => {
  it('has no import that the rules forbid [WORK-01]', async () => {
    const { files, broken } = await violations(root, ['protocol/src', 'core/src', 'plugins', 'daemon/src']);
    expect(broken).to.deep.equal([]);
    expect(files).to.be.greaterThan(50);
  });

  it('sees each kind of forbidden import where one is planted [WORK-02]', async () => {
    const planted = `${root}/test/architecture/planted`;
    const { broken } = await violations(planted, ['protocol', 'core', 'plugins', 'daemon']);
    expect(broken).to.deep.equal([
      'core-has-no-transport: core/src/index.ts -> ../../../node_modules/ws/wrapper.mjs',
      'core-imports-protocol-only: core/src/index.ts -> daemon/src/index.ts',
      'no-circles: core/src/circle.ts -> core/src/index.ts',
      'no-circles: core/src/index.ts -> daemon/src/index.ts',
      'plugins-see-the-contract-only: plugins/one/src/index.ts -> plugins/two/src/index.ts',
      'plugins-see-the-contract-only: plugins/two/src/index.ts -> core/src/index.ts',
      'protocol-imports-nothing-of-ours: protocol/src/index.ts -> core/src/index.ts',
      'the-client-needs-nothing-at-run-time: protocol/src/client/index.ts -> ../../../node_modules/typebox/build/index.mjs',
      'the-daemon-imports-no-plugin: daemon/src/index.ts -> plugins/one/src/index.ts',
      'typebox-is-for-types: protocol/src/client/index.ts -> ../../../node_modules/typebox/build/index.mjs',
    ]);
  });

  it('resolves packages of the workspace to their sources [WORK-03]', async () => {
    const { output } = await cruise(['core/src'], {
      baseDir: root,
      tsPreCompilationDeps: true,
      enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
    });
    const sources = (output as ICruiseResult).modules.map((m) => m.source);
    expect(sources).to.include('protocol/src/index.ts');
    expect(sources.filter((source) => source.startsWith('protocol/dist'))).to.deep.equal([]);
  });
});
