import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Output } from './output.js';
import { revealed } from './revealed.js';

type Diff = ResultOf<Methods['tool.diff']>;

const WHY: Readonly<Record<Diff['why'], string>> = {
  new: 'is new',
  changed: 'has another definition than the one that is approved',
  version: 'has a new version',
  renamed: 'is offered in place of another name',
};

/** What a definition that waits changes: removed lines with `-`, added ones with `+`, and nothing that cannot be seen. */
export function diffText(diff: Diff, { style }: Output): string {
  const { name, version, provider, why, hash, approvedName, approvedVersion, truncated, changes } = diff;
  const than = approvedVersion === undefined ? '' : `, compared with ${approvedName ?? name} ${approvedVersion}`;
  const lines = (mark: string, value: unknown, paint: (text: string) => string) =>
    value === undefined ? [] : shown(value).map((line) => paint(`${mark} ${line}`));
  return [
    `${style.bold(name)} ${version} of ${provider} ${WHY[why]}${than}`,
    style.dim(`hash ${hash}`),
    ...changes.flatMap(({ path, before, after }) => [
      '',
      style.cyan(revealed(path === '' ? '(all of it)' : path)),
      ...lines('-', before, (text) => style.red(text)),
      ...lines('+', after, (text) => style.green(text)),
    ]),
    ...(truncated === true ? ['', style.yellow('There are more changes than are shown.')] : []),
  ].join('\n');
}

function shown(value: unknown): readonly string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return text.split('\n').map(revealed);
}
