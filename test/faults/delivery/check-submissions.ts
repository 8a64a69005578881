import type { Violation } from './evidence.js';
import type { Sorted, Submission } from './items.js';

/** Errors after which it is certain that nothing was accepted. */
const CERTAIN = new Set([
  'agent_not_found',
  'no_agent_for_skill',
  'inbox_full',
  'invalid_params',
  'limit_exceeded',
  'permission_denied',
  'rate_limited',
]);

/** What was accepted is there, once for each key; what was refused is not. */
export function* checkSubmissions({ submissions, items, keyOf }: Sorted): Iterable<Violation> {
  const accepted = new Map<string, string[]>();
  for (const { id, accepted: facts } of items.values()) {
    for (const { hash } of facts) {
      const key = keyOf.get(hash);
      if (key === undefined) yield { rule: 'accepted what nobody sent', what: `${id} with content ${hash}` };
      else accepted.set(key, [...(accepted.get(key) ?? []), id]);
    }
  }
  for (const submission of submissions.values()) {
    const { key, answers } = submission;
    const recorded = accepted.get(key) ?? [];
    const promised = [...new Set(answers.flatMap(({ id }) => (id === undefined ? [] : [id])))];
    if (recorded.length > 1) yield { rule: 'one key, one effect', what: `${key}: ${recorded.join(', ')}` };
    if (promised.length > 1) yield { rule: 'one key, one answer', what: `${key}: ${promised.join(', ')}` };
    for (const id of promised) {
      if (promised.length === 1 && !recorded.includes(id))
        yield { rule: 'accepted is recorded', what: `${key}: ${id} is not in the journal` };
      if (items.get(id)?.receipt === undefined) yield { rule: 'nothing accepted is unknown', what: `${key}: ${id}` };
    }
    if (recorded.length > 0 && isRefused(submission)) {
      yield { rule: 'refused is not accepted', what: `${key}: ${recorded.join(', ')}` };
    }
    yield* altered(submission);
  }
}

function isRefused({ sends, answers }: Submission): boolean {
  return sends.every(({ call, altered }) =>
    answers.some((answer) => answer.call === call && (altered === true || CERTAIN.has(answer.error ?? ''))),
  );
}

/** The same key with other params is a conflict. */
function* altered({ key, sends, answers }: Submission): Iterable<Violation> {
  for (const { call } of sends.filter((send) => send.altered === true)) {
    const answer = answers.find((each) => each.call === call);
    if (answer?.id !== undefined) yield { rule: 'a key with other params is a conflict', what: `${key}: ${answer.id}` };
  }
}
