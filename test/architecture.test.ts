import { expect } from 'chai';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { fileURLToPath } from 'node:url';
import { RULES } from './architecture/rules.js';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Every source under these folders and what it imports, judged by the rules. */
async function cruised(baseDir: string, folders: string[]): Promise<ICruiseResult> {
  const { output } = await cruise(folders, {
    baseDir,
    validate: true,
    ruleSet: { forbidden: RULES },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    // Workspace packages are resolved to their sources: by `default` they would be looked for in dist, and pass unseen without it.
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
    doNotFollow: { path: 'node_modules' },
  });
  return output as ICruiseResult;
}

/** Broken rules as `rule: from -> to`. */
function broken({ summary }: ICruiseResult): string[] {
  return summary.violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`).sort();
}

describe('architecture', () => {
  let ours: ICruiseResult;
  before(async () => {
    ours = await cruised(root, ['protocol/src', 'core/src', 'plugins/*/src', 'daemon/src']);
  });

  it('has no import that the rules forbid [WORK-01]', () => {
    expect(broken(ours)).to.deep.equal([]);
    const packages = new Set(ours.modules.map(({ source }) => /^(?:plugins\/)?[^/]+(?=\/src\/)/.exec(source)?.[0]));
    expect([...packages]).to.include.members(['protocol', 'core', 'plugins/storage-level', 'daemon']);
    expect(ours.summary.totalCruised).to.be.greaterThan(200);
  });

  it('sees each kind of forbidden import where one is planted [WORK-02]', async () => {
    const planted = `${root}/test/architecture/planted`;
    const result = await cruised(planted, ['protocol', 'core', 'plugins', 'daemon']);
    expect(broken(result)).to.deep.equal([
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

  it('resolves packages of the workspace to their sources [WORK-03]', () => {
    const imports = ours.modules.flatMap(({ dependencies }) => dependencies);
    const resolved = imports.flatMap((i) => (i.module.startsWith('@ai-orchestrator/') ? [i.resolved] : []));
    expect(resolved).to.include('protocol/src/index.ts').and.to.include('core/src/plugin/index.ts');
    expect(resolved.filter((path) => !path.includes('/src/') || path.includes('dist/'))).to.deep.equal([]);
  });
});
