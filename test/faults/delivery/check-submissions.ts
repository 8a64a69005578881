import type { Violation } from './evidence.js';
import { idsIn, type Sorted, type Submission } from './items.js';

/** Errors after which it is certain that nothing was accepted. */
const CERTAIN = new Set([
  'agent_not_found',
  'no_agent_for_skill',
  'inbox_full',
  'invalid_params',
  'limit_exceeded',
  'permission_denied',
  'rate_limited',
  'stale_attempt',
  'task_not_found',
  'task_state',
]);

/** What was accepted is there, once for each key; what was refused is not. */
export function* checkSubmissions({ submissions, items, keyOf, letterOf }: Sorted): Iterable<Violation> {
  const accepted = new Map<string, string[]>();
  for (const { id, accepted: facts } of items.values()) {
    for (const { hash } of facts) {
      const key = keyOf.get(hash);
      if (key === undefined) yield { rule: 'accepted what nobody sent', what: `${id} with content ${hash}` };
      else if (!letterOf.has(id)) accepted.set(key, [...(accepted.get(key) ?? []), id]);
    }
  }
  for (const submission of submissions.values()) {
    const { key, sends, answers } = submission;
    const recorded = accepted.get(key) ?? [];
    const answered = new Set(answers.map((answer) => idsIn(answer).join(', ')));
    answered.delete('');
    const promised = [...new Set(answers.flatMap(idsIn))];
    const agents = new Set(recorded.map((id) => items.get(id)?.accepted[0]?.agent));
    if (recorded.length > (sends[0]?.toAll === true ? agents.size : 1))
      yield { rule: 'one key, one effect', what: `${key}: ${recorded.join(', ')}` };
    if (answered.size > 1) yield { rule: 'one key, one answer', what: `${key}: ${[...answered].join(' or ')}` };
    if (sends[0]?.toAll === true && answered.size === 1 && recorded.some((id) => !promised.includes(id)))
      yield { rule: 'an answer tells of all that was accepted', what: `${key}: ${recorded.join(', ')}` };
    for (const id of promised) {
      if (answered.size === 1 && !recorded.includes(id))
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
