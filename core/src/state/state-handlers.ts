import type { stateMethods } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { Handler } from '../plugin/plugin.js';
import type { Call } from '../rpc/call.js';
import { define } from './define.js';
import type { Define } from './define.js';
import type { DocumentAccess } from './document-access.js';
import type { Documents } from './documents.js';
import { operationOf } from './operation.js';
import { patch } from './patch/patch.js';
import type { Patch } from './patch/patch.js';
import { put } from './put.js';
import { resolve } from './resolve.js';
import type { StateLimits } from './state-limits.js';
import type { StateReads } from './state-reads.js';
import type { StateWatching } from './state-watching.js';
import type { StateWrites } from './state-writes.js';
import { sync, syncOf } from './sync.js';

type Methods = typeof stateMethods;

/** Answers the methods about documents. */
export function stateHandlers(
  documents: Documents,
  reads: StateReads,
  writes: StateWrites,
  watching: StateWatching,
  access: DocumentAccess,
  limits: StateLimits,
): {
  readonly stateGet: Handler<Methods['stateGet']>;
  readonly statePut: Handler<Methods['statePut']>;
  readonly statePatch: Handler<Methods['statePatch']>;
  readonly stateSync: Handler<Methods['stateSync']>;
  readonly stateDefine: Handler<Methods['stateDefine']>;
  readonly stateResolve: Handler<Methods['stateResolve']>;
  readonly stateList: Handler<Methods['stateList']>;
  readonly stateWatch: Handler<Methods['stateWatch']>;
  readonly stateHistory: Handler<Methods['stateHistory']>;
} {
  return {
    stateGet: async (params, call) => reads.get(await access.admit(params, call, 'read'), params.fields),
    statePut: async (params, call) => {
      const text = relayedText(call);
      const document = await access.admit(params, call, 'write');
      const { field, revision, base } = params;
      const wanted = { field, operation: operationOf(params, text), revision, base };
      const answer = await writes.change(document, identified(params, text), call, (draft, author, time) =>
        put(draft, wanted, author, time),
      );
      writes.meters.wrote(answer.outcome);
      return answer;
    },
    statePatch: async (params, call) => {
      const document = await access.admit(params, call, 'write');
      const answer = await writes.change(document, params, call, (draft, author, time) =>
        patch(draft, params as Patch, author, time, { copiedBytes: limits.documentBytes, depth: limits.depth }),
      );
      writes.meters.wrote('written', answer.changed.length);
      return answer;
    },
    stateSync: async (params, call) => {
      const wanted = syncOf(params, limits.syncChanges);
      const document = await access.admit(params, call, wanted.changes.length === 0 ? 'read' : 'write');
      if (wanted.changes.length === 0) return reads.since(document, params.since, []);
      const changes = await writes.change(document, {}, call, (draft, author) =>
        sync(draft, wanted, author, writes.clock),
      );
      for (const { outcome } of changes) if (outcome !== 'known') writes.meters.wrote(outcome);
      return reads.since(document, params.since, changes);
    },
    stateDefine: async (params, call) => {
      const document = await access.admit(params, call, 'write');
      return writes.change(document, params, call, (draft, author, time) =>
        define(draft, params as Define, author, time, documents.schemas, limits.definitionBytes),
      );
    },
    stateResolve: async (params, call) => {
      const text = relayedText(call);
      const document = await access.admit(params, call, 'write');
      return writes.change(document, identified(params, text), call, (draft, author, time) =>
        resolve(draft, { ...params, text }, author, time),
      );
    },
    stateList: (params, { principal }) => reads.list(params, (agentId) => access.reads({ agentId }, principal)),
    stateWatch: (params, call) => watching.watch(params, call),
    stateHistory: async (params, call) => reads.history(await access.admit(params, call, 'read'), params),
  };
}

/** The value's JSON text, which is read before anything is awaited. */
function relayedText({ relayed }: Call): string | undefined {
  return relayed && Buffer.from(relayed.buffer, relayed.byteOffset, relayed.byteLength).toString('utf8');
}

/** Params by which a repeated call is known: with the hash of the value, which is not among them. */
function identified<P extends { readonly idempotencyKey?: string | undefined }>(
  params: P,
  text: string | undefined,
): P {
  if (params.idempotencyKey === undefined || text === undefined) return params;
  return { ...params, value: hash('sha256', text, 'hex') };
}
