import { expect } from 'chai';
import { Journal, token } from '../../src/plugin/index.js';
import type { AnyPlugin, Token } from '../../src/plugin/index.js';
import { loosely } from './surroundings.js';
import { startOrder } from '../../src/plugin/start-order.js';
import { event } from '@ai-orchestrator/protocol';
import Type from 'typebox';

const a = token<unknown>('a');
const b = token<unknown>('b');

function plugin(
  id: string,
  requires: Record<string, Token<unknown>>,
  provides: Record<string, Token<unknown>>,
  events = {},
): AnyPlugin {
  return loosely({ id, requires, provides, events, start: () => undefined });
}

function plan(plugins: readonly AnyPlugin[], required: readonly string[] = [], builtin: readonly symbol[] = []) {
  const entries = plugins.map((one) => ({ plugin: one, required: required.includes(one.id) }));
  const { order, refused } = startOrder(entries, new Set(builtin));
  return {
    order: order.map((entry) => entry.plugin.id),
    refused: refused.map(({ entry, state, reason }) => ({ id: entry.plugin.id, state, reason })),
  };
}

describe('startOrder', () => {
  it('starts a plugin after those whose services it requires, otherwise in the order given [PLUGIN-01]', () => {
    const plugins = [plugin('z', { b }, {}), plugin('y', {}, {}), plugin('x', { a }, { b }), plugin('w', {}, { a })];
    expect(plan(plugins)).to.deep.equal({ order: ['w', 'x', 'z', 'y'], refused: [] });
  });

  it('counts what the daemon gives as provided', () => {
    expect(plan([plugin('x', { a }, {})], [], [a])).to.deep.equal({ order: ['x'], refused: [] });
  });

  it('names a service that nobody provides, and the chain of those it keeps from starting [PLUGIN-02]', () => {
    expect(plan([plugin('x', { b }, {}), plugin('y', { a }, { b }), plugin('z', {}, {})])).to.deep.equal({
      order: ['z'],
      refused: [
        {
          id: 'x',
          state: 'skipped',
          reason:
            'needs "b" of plugin "y", which needs "a", which no plugin provides: add one that does to the configuration',
        },
        {
          id: 'y',
          state: 'failed',
          reason: 'needs "a", which no plugin provides: add one that does to the configuration',
        },
      ],
    });
  });

  it('refuses everyone who provides the same service, and those who need it [PLUGIN-02]', () => {
    const reason = 'provides "a", and so do others (plugin "x", plugin "y"): keep one of them';
    expect(plan([plugin('x', {}, { a }), plugin('y', {}, { a }), plugin('z', { a }, {})])).to.deep.equal({
      order: [],
      refused: [
        { id: 'x', state: 'failed', reason },
        { id: 'y', state: 'failed', reason },
        { id: 'z', state: 'skipped', reason: `needs "a" of plugin "x", which ${reason}` },
      ],
    });
  });

  it('lets the one required plugin win over optional ones that provide the same', () => {
    expect(plan([plugin('x', {}, { a }), plugin('y', {}, { a }), plugin('z', { a }, {})], ['y']).order).to.deep.equal([
      'y',
      'z',
    ]);
  });

  it('refuses a plugin that provides what the daemon itself does', () => {
    expect(plan([plugin('x', {}, { a }), plugin('z', { a }, {})], [], [a])).to.deep.equal({
      order: ['z'],
      refused: [
        {
          id: 'x',
          state: 'failed',
          reason: 'provides "a", and so do others (the daemon itself, plugin "x"): keep one of them',
        },
      ],
    });
  });

  it('names each plugin of a circle with the chain [PLUGIN-02]', () => {
    const reason = 'is part of a circle ("x" needs "y" needs "x"): one of them has to do without the next';
    expect(plan([plugin('x', { b }, { a }), plugin('y', { a }, { b }), plugin('z', {}, {})])).to.deep.equal({
      order: ['z'],
      refused: [
        { id: 'x', state: 'failed', reason },
        { id: 'y', state: 'failed', reason },
      ],
    });
  });

  it('starts whoever emits events after the journal, unless the journal needs it', () => {
    const events = { done: event({ name: 'x.done', summary: 'Done.', details: Type.Object({}) }) };
    const plugins = [
      plugin('x', {}, {}, events),
      plugin('store', {}, { a }, events),
      plugin('core', { a }, { journal: Journal }, events),
    ];
    expect(plan(plugins).order).to.deep.equal(['store', 'core', 'x']);
  });
});
