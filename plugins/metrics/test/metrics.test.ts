import { expect } from 'chai';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { InMemoryInstruments } from '@ai-orchestrator/core';
import { startPlugin } from '@ai-orchestrator/core/plugin-testing';
import type { Http, HttpMount } from '@ai-orchestrator/core/plugin';
import metrics from '@ai-orchestrator/plugin-metrics';
import { parseOpenMetrics } from './open-metrics-parser.js';

const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

async function world(options: { config?: { public?: boolean }; loopback?: boolean } = {}) {
  const instruments = new InMemoryInstruments({ seriesPerInstrument: 20 });
  const mounts: HttpMount[] = [];
  const http: Http = {
    loopback: options.loopback ?? true,
    url: 'http://127.0.0.1:7420',
    mount(mount) {
      mounts.push(mount);
      return () => void mounts.splice(mounts.indexOf(mount), 1);
    },
    onDrain: () => () => undefined,
  };
  const { stop } = await startPlugin(metrics, { config: options.config ?? {}, services: { http, instruments } });
  const scrape = async (accept?: string) => {
    const headers = accept === undefined ? undefined : { accept };
    const mount = mounts[0];
    const answer =
      mount !== undefined && 'handle' in mount
        ? await mount.handle(new Request('http://127.0.0.1/metrics', headers && { headers }), undefined)
        : undefined;
    return { type: answer?.headers.get('content-type'), text: (await answer?.text()) ?? '' };
  };
  return { instruments, mounts, scrape, stop };
}

/** Everything that the daemon has: counters, gauges and histograms, with labels and without, some hard to write. */
function fill(instruments: InMemoryInstruments): void {
  const requests = instruments.counter('orchestrator_rpc_requests_total', 'Calls.', ['method', 'outcome']);
  requests.with('agent.list', 'ok').add(3);
  requests.with('odd "\\\n name', 'error').add();
  const seconds = instruments.histogram(
    'orchestrator_rpc_request_duration_seconds',
    'A "call"\\\nin time.',
    [0.001, 0.5, 1],
    ['method'],
  );
  for (const value of [0.0001, 0.7, 1, 4]) seconds.with('agent.list').observe(value);
  instruments.gauge('orchestrator_agents', 'Agents.', ['state'], () => [{ labels: ['ready'], value: 2 }]);
  instruments.gauge('orchestrator_queue_messages', 'Waiting.', [], () => [{ value: 1.5e300 }]);
}

function promtool(text: string): string {
  return execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
}

describe('/metrics', () => {
  it('is accepted by promtool without a word [ACCESS-14]', async () => {
    const { instruments, scrape, stop } = await world();
    fill(instruments);
    const { type, text } = await scrape();
    await stop();
    expect([type, promtool(text)]).to.deep.equal(['text/plain; version=0.0.4; charset=utf-8', '']);
  });

  it('shows counters, gauges and cumulative histograms as Prometheus text', async () => {
    const { instruments, scrape, stop } = await world();
    fill(instruments);
    const { text } = await scrape('text/plain');
    await stop();
    expect(text.split('\n').filter((line) => line.includes('orchestrator_'))).to.deep.equal([
      '# HELP orchestrator_agents Agents.',
      '# TYPE orchestrator_agents gauge',
      'orchestrator_agents{state="ready"} 2',
      '# HELP orchestrator_gauge_failures_total Gauges that failed to be read.',
      '# TYPE orchestrator_gauge_failures_total counter',
      '# HELP orchestrator_queue_messages Waiting.',
      '# TYPE orchestrator_queue_messages gauge',
      'orchestrator_queue_messages 1.5e+300',
      '# HELP orchestrator_rpc_request_duration_seconds A "call"\\\\\\nin time.',
      '# TYPE orchestrator_rpc_request_duration_seconds histogram',
      'orchestrator_rpc_request_duration_seconds_bucket{method="agent.list",le="0.001"} 1',
      'orchestrator_rpc_request_duration_seconds_bucket{method="agent.list",le="0.5"} 1',
      'orchestrator_rpc_request_duration_seconds_bucket{method="agent.list",le="1"} 3',
      'orchestrator_rpc_request_duration_seconds_bucket{method="agent.list",le="+Inf"} 4',
      'orchestrator_rpc_request_duration_seconds_sum{method="agent.list"} 5.7001',
      'orchestrator_rpc_request_duration_seconds_count{method="agent.list"} 4',
      '# HELP orchestrator_rpc_requests_total Calls.',
      '# TYPE orchestrator_rpc_requests_total counter',
      'orchestrator_rpc_requests_total{method="agent.list",outcome="ok"} 3',
      'orchestrator_rpc_requests_total{method="odd \\"\\\\\\n name",outcome="error"} 1',
    ]);
  });

  it('is OpenMetrics to the letter where a scraper asks for it [ACCESS-15]', async () => {
    const { instruments, scrape, stop } = await world();
    fill(instruments);
    const { type, text } = await scrape(PROMETHEUS);
    await stop();
    const families = parseOpenMetrics(text);
    expect(type).to.equal('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(families.get('orchestrator_rpc_requests')).to.deep.equal({
      type: 'counter',
      help: 'Calls.',
      samples: [
        { name: 'orchestrator_rpc_requests_total', labels: { method: 'agent.list', outcome: 'ok' }, value: 3 },
        { name: 'orchestrator_rpc_requests_total', labels: { method: 'odd "\\\n name', outcome: 'error' }, value: 1 },
      ],
    });
    expect(families.get('orchestrator_rpc_request_duration_seconds')?.help).to.equal('A "call"\\\nin time.');
    expect([...families.keys()]).to.include.members([
      'process_cpu_seconds',
      'process_resident_memory_bytes',
      'nodejs_version_info',
    ]);
  });

  it('answers the format that an Accept header prefers, the Prometheus one when in doubt [ACCESS-15]', async () => {
    const { scrape, stop } = await world();
    const chosen: Record<string, string> = {};
    for (const accept of [
      '*/*',
      'application/json',
      'application/openmetrics-text',
      'application/openmetrics-text; version="1.0.0"',
      'application/openmetrics-text;version=2.0.0',
      'application/openmetrics-text;q=0',
      'application/openmetrics-text;q=0.4, text/plain;q=0.5',
      'Application/OpenMetrics-Text;Q=0.5, text/plain;q=0.5',
      'application/openmetrics-text;q=x',
      ';;,,=',
    ]) {
      const { type } = await scrape(accept);
      chosen[accept] = type?.startsWith('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus';
    }
    await stop();
    expect(
      Object.entries(chosen)
        .filter(([, format]) => format === 'openmetrics')
        .map(([accept]) => accept),
    ).to.deep.equal([
      'application/openmetrics-text',
      'application/openmetrics-text; version="1.0.0"',
      'Application/OpenMetrics-Text;Q=0.5, text/plain;q=0.5',
    ]);
  });

  it('hands any label value and help text through unharmed [ACCESS-16]', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '\\', '\n', '{', '}', ',', '=', '#', ' ', 'é', '🦉', 'n'),
    });
    await fc.assert(
      fc.asyncProperty(text, text, async (value, help) => {
        const { instruments, scrape, stop } = await world();
        instruments.counter('odd_total', help, ['value']).with(value).add();
        const parsed = parseOpenMetrics((await scrape('application/openmetrics-text')).text).get('odd');
        await stop();
        expect(parsed).to.deep.equal({
          type: 'counter',
          help,
          samples: [{ name: 'odd_total', labels: { value }, value: 1 }],
        });
      }),
      { numRuns: 50 },
    );
  });

  it('needs metrics:read unless it is public on loopback, and is taken away at stop [ACCESS-17]', async () => {
    const guarded = await world();
    const open = await world({ config: { public: true } });
    const permissions = [guarded.mounts[0]?.permission, open.mounts[0]?.permission];
    await guarded.stop();
    await open.stop();
    expect([permissions, guarded.mounts, open.mounts]).to.deep.equal([['metrics:read', 'public'], [], []]);
  });

  it('refuses to be public on an address that others can reach, and says what to do [ACCESS-17]', async () => {
    let refusal = '';
    await world({ config: { public: true }, loopback: false }).catch((error: unknown) => (refusal = String(error)));
    expect(refusal).to.contain('plugins.metrics.config.public needs http.host to be a loopback address');
  });
});
