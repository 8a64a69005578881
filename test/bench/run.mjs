// Measures the daemon against peers and limits in one run and says which targets hold:
//
//   npm run bench -- [SCENARIO ...] [--rounds N]      (rpc relay durable mcp connections startup beside listing; all unless said)
//
// The harness (load generators, peers, limits) is a folder of its own: BENCH_HOME names it, with its dependencies installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TARGETS } from './targets.mjs';

/** No scenarios of the harness but programs of ours: requests beside durable sends; listings and sessions of the MCP gateway. */
const PROGRAMS = { beside: 'durable-beside-requests.mjs', listing: 'mcp-listing.mjs' };
/** How long each contender is measured in a round, where the harness's own time leaves the machine code of all half made. */
const SECONDS = { mcp: '2' };
const here = dirname(fileURLToPath(import.meta.url));
const home = process.env.BENCH_HOME;
if (!home || !existsSync(join(home, 'bench.mjs')) || !existsSync(join(home, 'node_modules'))) {
  process.stderr.write('bench: set BENCH_HOME to a copy of the bench harness in which "npm install" was run\n');
  process.exit(2);
}
const args = process.argv.slice(2);
const at = args.indexOf('--rounds');
const rounds = at < 0 ? '3' : args.splice(at, 2)[1];
const scenarios = args.length > 0 ? args : [...new Set(TARGETS.map((t) => t.scenario)), ...Object.keys(PROGRAMS)];
const results = join(here, '../../.cache/bench');
mkdirSync(results, { recursive: true });

let missed = 0;
for (const scenario of scenarios) {
  if (Object.hasOwn(PROGRAMS, scenario)) {
    const run = spawnSync(process.execPath, [join(here, PROGRAMS[scenario])], { stdio: 'inherit' });
    if (run.status !== 0) missed++;
    continue;
  }
  const targets = TARGETS.filter((t) => t.scenario === scenario);
  const only = new Set(['orchestrator', ...targets.flatMap((t) => [t.versus, t.over, t.contender]).filter(Boolean)]);
  const cells = [...new Set(targets.map((t) => t.cell).filter(Boolean))];
  const file = join(results, `${scenario}.json`);
  rmSync(file, { force: true });
  const flags = [
    '--only',
    [...only].join(','),
    '--rounds',
    rounds,
    ...(SECONDS[scenario] ? ['--seconds', SECONDS[scenario]] : []),
    ...(cells.length ? ['--cells', cells.join(',')] : []),
  ];
  const env = { ...process.env, BENCH_HOME: home, BENCH_CONTENDERS: join(here, 'contenders'), BENCH_RESULTS: results };
  const run = spawnSync(process.execPath, ['bench.mjs', scenario, ...flags], { cwd: home, env, stdio: 'inherit' });
  if (run.status !== 0 || !existsSync(file)) {
    process.stderr.write(`bench: ${scenario} did not finish\n`);
    missed++;
    continue;
  }
  const measured = JSON.parse(readFileSync(file, 'utf8'));
  process.stdout.write(`\n### Targets: ${scenario}\n\n`);
  for (const t of targets) {
    const table = t.cell ? measured.cells[t.cell] : measured.contenders;
    const ours = table?.[t.contender ?? 'orchestrator']?.[t.metric];
    const theirs = (name) => table?.[name]?.[t.metric];
    const value = t.over ? ours - theirs(t.over) : t.versus ? ours / theirs(t.versus) : ours;
    const held = t.atMost !== undefined ? value <= t.atMost : t.atLeast !== undefined ? value >= t.atLeast : value > 0;
    if (!held) missed++;
    const bound =
      t.atMost !== undefined ? ` (at most ${t.atMost})` : t.atLeast !== undefined ? ` (at least ${t.atLeast})` : '';
    const what = `${t.metric}${t.cell ? ` (${t.cell})` : ''}${t.contender ? ` of ${t.contender}` : ''}`;
    process.stdout.write(
      `- ${!held ? 'MISSED' : bound ? 'held  ' : 'said  '} ${what}${t.versus ? ` / ${t.versus}` : t.over ? ` - ${t.over}` : ''}: ${value.toFixed(2)}${bound}\n`,
    );
  }
}
process.stdout.write(missed === 0 ? '\nEvery target held.\n' : `\n${missed} targets missed or not measured.\n`);
process.exitCode = missed === 0 ? 0 : 1;
