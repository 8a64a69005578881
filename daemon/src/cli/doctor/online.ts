import type { Connection } from '../connection.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** Longest that reading the whole store may take. */
const VERIFY_TIMEOUT_MS = 600_000;

/** What a running daemon knows of itself. */
export async function checkRunning(daemon: Connection): Promise<readonly Finding[]> {
  const status = await daemon.call('daemon.status', {});
  const findings: Finding[] = [
    status.ready
      ? ok('readiness', 'ready')
      : fail('readiness', 'not ready', 'The findings below say why; /readyz says the same to a load balancer.'),
  ];
  for (const { name, healthy, reason } of status.checks) {
    if (!healthy) findings.push(fail(`health of ${name}`, reason ?? 'unhealthy', 'Its log lines say more.'));
  }
  for (const { id, state, required, reason } of status.plugins) {
    if (state === 'started') continue;
    const advice = 'Do what the reason says, or set plugins.' + id + '.enabled to false; then restart the daemon.';
    const found = `${state}${reason === undefined ? '' : `: ${reason}`}`;
    findings.push(required ? fail(`plugin ${id}`, found, advice) : warn(`plugin ${id}`, found, advice));
  }
  if (status.plugins.every((plugin) => plugin.state === 'started')) {
    findings.push(ok('plugins', `${status.plugins.length} started`));
  }
  const report = await daemon.call('store.verify', {}, { timeoutMs: VERIFY_TIMEOUT_MS });
  return [...findings, ...storeFindings(report)];
}

/** What reading a whole store showed. */
export function storeFindings(report: {
  readonly healthy: boolean;
  readonly entries: number;
  readonly journalRecords: number;
  readonly findings: readonly { readonly what: string; readonly advice: string }[];
}): readonly Finding[] {
  if (report.healthy) {
    return [
      ok('store', `${report.entries} entries read`),
      ok('journal', `${report.journalRecords} records, chain unbroken`),
    ];
  }
  return report.findings.map(({ what, advice }) => fail('store', what, advice));
}
