import { DEFAULT_INSTRUMENT_LIMITS, HealthChecks, InMemoryInstruments } from '@ai-orchestrator/core';
import { startPlugin } from '@ai-orchestrator/core/plugin-testing';
import plugin from '@ai-orchestrator/plugin-storage-level';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { levelOptions } from './support/open-level.js';

describe('the plugin storage-level', () => {
  it('measures commits, groups, syncs, what waits and the state [STORE-10]', async () => {
    const path = await mkdtemp(join(tmpdir(), 'store-level-'));
    const instruments = new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS);
    const { clock, timers } = levelOptions(path);
    const { services, stop } = await startPlugin(plugin, {
      services: {
        clock,
        timers,
        instruments,
        health: new HealthChecks(),
        dataDirectory: { path },
        identity: { version: '0.0.0', node: 'test' },
      },
    });
    try {
      await Promise.all(['a', 'b', 'c'].map((key) => services.store.commit({ puts: [{ key, value: 1 }] })));
      const measured = instruments
        .snapshot()
        .filter(({ name }) => name.startsWith('orchestrator_store_'))
        .map((instrument) => [
          instrument.name,
          instrument.type === 'histogram'
            ? instrument.samples.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0))
            : instrument.samples.map(({ labels, value }) => [...labels, value > 10 ? 'many' : value]),
        ]);
      expect(Object.fromEntries(measured)).to.deep.equal({
        orchestrator_store_commits_total: [[3]],
        orchestrator_store_log_bytes_total: [['many']],
        orchestrator_store_group_size: [1],
        orchestrator_store_sync_seconds: [1],
        orchestrator_store_queue_depth: [[0]],
        orchestrator_store_state: [
          ['open', 1],
          ['degraded', 0],
          ['full', 0],
          ['fenced', 0],
          ['closed', 0],
        ],
      });
    } finally {
      await stop();
      await rm(path, { recursive: true });
    }
  });
});
