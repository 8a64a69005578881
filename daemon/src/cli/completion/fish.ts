import type { Place } from './tree.js';

/** A completion script for fish. */
export function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words, options, values }) => {
    const here = `-n '__orchestrator_at "${path}"'`;
    return [
      ...words.map(({ text, about }) => `-f ${here} -a ${quoted(text)} -d ${quoted(about)}`),
      ...options.map(({ text, about }) => {
        const choices = values.find(({ option }) => option === text)?.words;
        const takes = choices === undefined ? '' : ` -x -a ${quoted(choices.join(' '))}`;
        return `${here} -l ${text.replace(/^--/, '')} -d ${quoted(about)}${takes}`;
      }),
    ];
  });
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `# Completion of orchestrator for fish: orchestrator completion fish | source
function __orchestrator_at
    set -l place ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$place $word")
        if contains -- $next ${paths.join(' ')}
            set place $next
        end
    end
    test "$place" = "$argv[1]"
end
${['orchestrator', 'orc'].flatMap((name) => lines.map((line) => `complete -c ${name} ${line}`)).join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
