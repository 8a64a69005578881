import type { Place } from './tree.js';

/** A completion script for bash 4 and newer. */
export function bashScript(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `' ${path}'`);
  const branches = places.map(({ path, words, options }) => {
    const all = [...words, ...options].map(({ text }) => text).join(' ');
    return `    '${path === '' ? '' : ` ${path}`}') words='${all}' ;;`;
  });
  const values = places.flatMap(({ path, values: list }) =>
    list.map(({ option, words }) => `    '${path === '' ? '' : ` ${path}`} ${option}') words='${words.join(' ')}' ;;`),
  );
  return `# Completion of orchestrator for bash: source <(orchestrator completion bash)
_orchestrator() {
  local word=\${COMP_WORDS[COMP_CWORD]} place='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
      ${paths.join(' | ')}) place="$place \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place" in
${branches.join('\n')}
  esac
  case "$place \${COMP_WORDS[COMP_CWORD - 1]}" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _orchestrator orchestrator orc
`;
}
