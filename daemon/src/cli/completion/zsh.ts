import type { Place, Word } from './tree.js';

/** A completion script for zsh. */
export function zshScript(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `' ${path}'`);
  const branches = places.map(({ path, words, options }) => {
    const place = path === '' ? '' : ` ${path}`;
    return `    '${place}') words_here=(${words.map(described).join(' ')}); options_here=(${options.map(described).join(' ')}) ;;`;
  });
  const values = places.flatMap(({ path, values: list }) =>
    list.map(
      ({ option, words }) =>
        `    '${path === '' ? '' : ` ${path}`} ${option}') compadd -- ${words.join(' ')}; return ;;`,
    ),
  );
  return `#compdef orchestrator orc
# Completion of orchestrator for zsh: source <(orchestrator completion zsh)
_orchestrator() {
  local place='' word
  local -a words_here options_here
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$place $word" in
      ${paths.join(' | ')}) place="$place $word" ;;
    esac
  done
  case "$place \${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case "$place" in
${branches.join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe -o option options_here
  elif (( \${#words_here} )); then
    _describe command words_here
  else
    _files
  fi
}
compdef _orchestrator orchestrator orc
`;
}

function described({ text, about }: Word): string {
  const word = about === '' ? text : `${text.replaceAll(':', '\\:')}:${about}`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
