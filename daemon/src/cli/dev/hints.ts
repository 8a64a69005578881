import type { Style } from '../style.js';

/** What `dev` says once it is ready. */
export interface DevReady {
  readonly url: string;
  readonly dataDirectory: string;
  readonly pid: number;
  readonly agents: readonly string[];
  /** Commands to paste into another terminal, the first of which gets an answer from one agent by way of the other. */
  readonly try: readonly { readonly says: string; readonly line: string }[];
}

/**
 * Commands to try.
 *
 * @param program how this program is called in another terminal
 * @param options options that lead to this daemon, when it would not be found without
 */
export function tries(program: string, options: string): DevReady['try'] {
  const line = (rest: string) => `${program} ${rest}${options}`;
  return [
    {
      says: 'An answer from one agent by way of the other',
      line: line(`request --skill greet '{"name": "Ada"}'`),
    },
    { says: 'Who is there', line: line('agents list') },
    { says: 'What happens, as it happens', line: line('events --follow') },
    { says: 'The daemon at a glance', line: line('status') },
  ];
}

/** The block for people. */
export function readyText({ url, dataDirectory, agents, try: lines }: DevReady, style: Style): string {
  const shown = lines.flatMap(({ says, line }) => [`  ${style.dim(`# ${says}`)}`, `  ${style.bold(line)}`, '']);
  return `
${style.green('Ready.')} ${url}, agents ${agents.join(' and ')}, data in ${dataDirectory}

In another terminal:

${shown.join('\n')}
${style.dim('Ctrl-C stops it.')}`;
}
