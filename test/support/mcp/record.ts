import type { Subject } from './subject.js';
import type { Talk } from './talk.js';

/** What each step of a subject came to: its result, or the error as the client shows it. */
export type Heard = Readonly<Record<string, unknown>>;

/** Takes the steps one after the other and writes down what each came to. */
export async function record(subject: Subject, talk: Talk): Promise<Heard> {
  const heard: Record<string, unknown> = {};
  for (const [name, step] of Object.entries(subject.steps)) {
    heard[name] = await step(talk).then(
      (result) => ({ result: plain(result) }),
      (error: unknown) => ({ error: shown(error) }),
    );
  }
  return heard;
}

/** As JSON has it: members that are undefined are not there. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function shown(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, data } = error as { code?: unknown; data?: unknown };
  return plain({ code, message: error.message, data });
}
