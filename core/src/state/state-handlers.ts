import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { stateMethods } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { Handler } from '../plugin/plugin.js';
import type { Call } from '../rpc/call.js';
import { define } from './define.js';
import type { Define } from './define.js';
import type { Access, CheckAccess } from './document-access.js';
import type { Documents } from './documents.js';
import { operationOf } from './operation.js';
import { put } from './put.js';
import { resolve } from './resolve.js';
import type { StateReads } from './state-reads.js';
import type { StateWrites } from './state-writes.js';

type Methods = typeof stateMethods;

/** Answers the methods about documents. */
export function stateHandlers(
  documents: Documents,
  reads: StateReads,
  writes: StateWrites,
  checkAgent: CheckAccess,
  definitionBytes: number,
): {
  readonly stateGet: Handler<Methods['stateGet']>;
  readonly statePut: Handler<Methods['statePut']>;
  readonly stateDefine: Handler<Methods['stateDefine']>;
  readonly stateResolve: Handler<Methods['stateResolve']>;
  readonly stateList: Handler<Methods['stateList']>;
  readonly stateHistory: Handler<Methods['stateHistory']>;
} {
  /** The key of the document that a call is about, which its caller was found allowed to. */
  const documentOf = ({ agentId }: { readonly agentId: string }, call: Call, access: Access): string => {
    checkAgent(agentId, call, access);
    return `agent/${agentId}`;
  };
  return {
    stateGet: (params, call) => {
      const key = documentOf(params, call, 'read');
      return reads.get(key, `"agentId":${JSON.stringify(params.agentId)}`, params.fields);
    },
    statePut: async (params, call) => {
      const text = relayedText(call);
      const key = documentOf(params, call, 'write');
      const { field, revision, base } = params;
      const wanted = { field, operation: operationOf(params, text), revision, base };
      const answer = await writes.change(key, identified(params, text), call, (draft, author, time) =>
        put(draft, wanted, author, time),
      );
      writes.meters.wrote(answer.outcome);
      return answer;
    },
    stateDefine: (params, call) => {
      const key = documentOf(params, call, 'write');
      return writes.change(key, params, call, (draft, author) =>
        define(draft, params as Define, author, documents.schemas, definitionBytes),
      );
    },
    stateResolve: (params, call) => {
      const text = relayedText(call);
      const key = documentOf(params, call, 'write');
      return writes.change(key, identified(params, text), call, (draft, author, time) =>
        resolve(draft, { ...params, text }, author, time),
      );
    },
    stateList: (params, call) =>
      reads.list(params, (agentId) => {
        try {
          checkAgent(agentId, call, 'read');
          return true;
        } catch (error) {
          if (error instanceof OrchestratorError) return false;
          throw error;
        }
      }),
    stateHistory: (params, call) => reads.history(documentOf(params, call, 'read'), params),
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
