import { isObject, type JsonObject } from '../upstream/json.js';
import { without } from './members.js';
import { CODE } from './protocol.js';
import { RpcError } from './rpc-error.js';

/** Which capability of the client a question needs; questions of other kinds are not passed on. */
const NEEDED: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

/** Whether a client said that it answers such questions; elicitation says by which modes, and means forms where it says none. */
export function canAnswer(capabilities: JsonObject, method: string, params: JsonObject): boolean {
  const needed = NEEDED[method];
  const able = needed === undefined ? undefined : capabilities[needed];
  if (!isObject(able)) return false;
  if (needed !== 'elicitation') return true;
  if (params.mode === 'url') return isObject(able.url);
  return isObject(able.form) || able.url === undefined;
}

/** The extension by which a server may answer with a task [SEP-2663]. */
export const TASKS = 'io.modelcontextprotocol/tasks';

/** Whether a client declares the Tasks extension. */
export function declaresTasks({ extensions }: JsonObject): boolean {
  return isObject(extensions) && isObject(extensions[TASKS]);
}

/** @throws RpcError -32021, which asks for the Tasks extension */
export function checkTasks(capabilities: JsonObject): void {
  if (declaresTasks(capabilities)) return;
  const data = { requiredCapabilities: { extensions: { [TASKS]: {} } } };
  throw new RpcError(CODE.missingCapability, 'this needs the Tasks extension; declare it', data, 400);
}

/** What a legacy client can do, without the extension, which only modern requests have. */
export function withoutTasks(capabilities: JsonObject): JsonObject {
  const { extensions } = capabilities;
  if (!isObject(extensions) || !(TASKS in extensions)) return capabilities;
  return { ...capabilities, extensions: without(extensions, TASKS) };
}

/** Whether a client has its user fill in forms. */
export function answersForms(capabilities: JsonObject): boolean {
  return canAnswer(capabilities, 'elicitation/create', {});
}

/** Whether a client answers any questions. */
export function answersAny(capabilities: JsonObject): boolean {
  return Object.values(NEEDED).some((needed) => isObject(capabilities[needed]));
}

/** @throws RpcError -32021 naming what the client would have to be capable of [MCP 2026-07-28, basic/index, _meta] */
export function checkAnswers(
  capabilities: JsonObject,
  questions: readonly { readonly method: string; readonly params: JsonObject }[],
): void {
  const missing = questions.filter(({ method, params }) => !canAnswer(capabilities, method, params));
  if (missing.length === 0) return;
  const requiredCapabilities = Object.fromEntries(
    missing.map(({ method, params }) => [
      NEEDED[method] ?? method,
      method === 'elicitation/create' && params.mode === 'url' ? { url: {} } : {},
    ]),
  );
  throw new RpcError(
    CODE.missingCapability,
    `this request asks back what the client cannot answer: ${Object.keys(requiredCapabilities).join(', ')}`,
    { requiredCapabilities },
    400,
  );
}

/** The questions of an `input_required` answer by key. @throws RpcError -32603 when the provider's answer is none */
export function questionsOf(inputRequests: JsonObject): readonly { key: string; method: string; params: JsonObject }[] {
  return Object.entries(inputRequests).map(([key, question]) => {
    if (!isObject(question) || typeof question.method !== 'string') {
      throw new RpcError(CODE.internal, 'the provider asked for input in a form that is not one');
    }
    return { key, method: question.method, params: isObject(question.params) ? question.params : {} };
  });
}
