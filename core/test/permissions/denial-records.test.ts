import { DENIAL_DEFAULTS, DenialRecords, InMemoryInstruments, DEFAULT_INSTRUMENT_LIMITS } from '@ai-orchestrator/core';
import type { EventDraft, Journal } from '@ai-orchestrator/core/plugin';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { expect } from 'chai';
import type { Denial, Dispatcher } from '../../src/rpc/dispatcher.js';

function arrange(kinds: number) {
  let deny: (denial: Denial) => void = () => undefined;
  const dispatcher = {
    onDenied(listener: typeof deny) {
      deny = listener;
      return () => (deny = () => undefined);
    },
  };
  const written: (readonly EventDraft[])[] = [];
  const journal = { append: async (events: readonly EventDraft[]) => void written.push(events) };
  const timers = { every: () => ({ cancel: () => undefined }), after: () => ({ cancel: () => undefined }) };
  const instruments = new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS);
  const records = new DenialRecords(
    dispatcher as unknown as Dispatcher,
    journal as unknown as Journal,
    { ...DENIAL_DEFAULTS, kinds },
    instruments,
    timers,
    silentLog,
  );
  const refuse = (id: string, method: string) =>
    deny({
      principal: { id, kind: 'user', roles: [], credentialId: 'k' },
      method,
      permission: 'key:admin',
      reason: 'default deny',
    });
  const unrecorded = () => instruments.snapshot().find(({ name }) => name === 'orchestrator_denials_unrecorded_total');
  return { records, refuse, written, unrecorded };
}

describe('DenialRecords', () => {
  it('records who was refused what, one record for refusals that are alike [ACCESS-28]', async () => {
    const { records, refuse, written } = arrange(10);
    for (let i = 0; i < 1000; i++) refuse('eve', 'key.list');
    refuse('eve', 'key.create');
    await records.flush();
    await records.flush();
    const record = (method: string, count: number) => ({
      action: 'permission.denied',
      resource: `method/${method}`,
      principal: 'eve',
      outcome: 'denied',
      details: { permission: 'key:admin', method, count },
    });
    expect(written).to.deep.equal([[record('key.list', 1000), record('key.create', 1)]]);
  });

  it('counts what is past its bound, and writes what is left when it ends [ACCESS-28]', async () => {
    const { records, refuse, written, unrecorded } = arrange(2);
    for (const id of ['a', 'b', 'c', 'd']) refuse(id, 'key.list');
    await records.close();
    refuse('e', 'key.list');
    await records.flush();
    expect(written.map((events) => events.map(({ principal }) => principal))).to.deep.equal([['a', 'b']]);
    expect(unrecorded()?.samples).to.deep.equal([{ labels: [], value: 2 }]);
  });
});
