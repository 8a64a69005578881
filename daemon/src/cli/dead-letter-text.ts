import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import { table } from './table.js';
import { relativeTime } from './time-text.js';

/** What nobody could handle. */
export type DeadLetter = ResultOf<Methods['deadLetter.list']>['entries'][number];
/** The same with its payload. */
export type WholeLetter = ResultOf<Methods['deadLetter.show']>;

/** Dead letters, one a line. */
export function deadLettersText(letters: readonly DeadLetter[], { output, now }: Context): string {
  if (letters.length === 0) return 'no dead letters';
  return table(
    [{ title: 'id' }, { title: 'kind' }, { title: 'agent' }, { title: 'type', flexible: true }, { title: 'since' }],
    letters.map(({ id, kind, agent, type, at }) => [
      output.style.bold(id),
      kind,
      agent,
      type ?? '',
      relativeTime(at, now()),
    ]),
    output,
  );
}

/** One dead letter with its payload. */
export function deadLetterText({ letter, payload }: WholeLetter, { output, now }: Context): string {
  const { style } = output;
  const about = output.pairs([
    ['agent', letter.agent],
    ['from', letter.sender],
    ['type', letter.type],
    ['context', letter.contextId],
    ['attempts', String(letter.attempts)],
    ['error', letter.error],
    ['since', relativeTime(letter.at, now())],
  ]);
  const payloadText = `${style.dim('payload')}\n${output.jsonText(payload)}`;
  return [`${style.bold(letter.id)}  ${letter.kind}`, about, payloadText].join('\n\n');
}
