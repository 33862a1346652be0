import { type FlagDescription, GLOBAL_FLAGS, type VerbDescription } from '../verbs.js';
import { argumentKind, quoted, routeOf, SHELLS, type Step, spellingsOf, steps, valueKind } from './candidates.js';

/**
 * The completion script for bash(1). It compares and quotes names one by one: `compgen -W` would expand them, and a configuration may give a
 * service any name.
 */
export function bashCompletion(verbs: readonly VerbDescription[]): string {
  return `# bash completion of superctl; written by: superctl completion bash
_superctl() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} route='' kind=nothing word line i=1
  local -a socket=() candidates=()
  COMPREPLY=()
  while ((i < COMP_CWORD)); do
    word=\${COMP_WORDS[i++]}
    if [[ $word == --socket ]]; then
      [[ \${COMP_WORDS[i]} == '=' ]] && ((i++))
      socket=(--socket "\${COMP_WORDS[i++]/#\\~/$HOME}")
      continue
    fi
    case "$route/$word" in
${steps(verbs).map(stepLine).join('\n')}
    esac
  done
  case $route in
    '') candidates=(${['--socket', '--version', '--help', ...nextWords(verbs, '')].join(' ')}) ;;
${verbs.map((verb) => candidatesLine(verb, verbs)).join('\n')}
  esac
  case "$route/$previous" in
${[valueLine('', GLOBAL_FLAGS), ...verbs.map((verb) => valueLine(routeOf(verb), verb.flags))].filter(Boolean).join('\n')}
  esac
  ((i > COMP_CWORD)) && kind=files candidates=()
  case $kind in
    files)
      compopt -o filenames
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${current#=}")
      return
      ;;
    shells) candidates+=(${SHELLS.join(' ')}) ;;
    services | sessions)
      if [[ $current != -* ]]; then
        while IFS= read -r line; do candidates+=("\${line%%$'\\t'*}"); done < <("\${COMP_WORDS[0]/#\\~/$HOME}" "\${socket[@]}" completion "$kind" 2>/dev/null)
      fi
      ;;
  esac
  for word in "\${candidates[@]}"; do
    [[ $word == -* && $current != -* ]] && continue
    [[ $word == "$current"* ]] && printf -v word %q "$word" && COMPREPLY+=("$word")
  done
}
complete -F _superctl superctl
`;
}

function stepLine({ from, spellings, verb }: Step): string {
  return `      ${spellings.map((word) => quoted(`${from}/${word}`)).join(' | ')}) route=${quoted(routeOf(verb))} ;;`;
}

function nextWords(verbs: readonly VerbDescription[], from: string): string[] {
  return steps(verbs)
    .filter((step) => step.from === from)
    .map(({ spellings }) => spellings[0] as string);
}

function candidatesLine(verb: VerbDescription, verbs: readonly VerbDescription[]): string {
  const flags = verb.flags.flatMap(spellingsOf);
  const all = [...flags, '--help', ...nextWords(verbs, routeOf(verb))].map(quoted);
  return `    ${quoted(routeOf(verb))}) candidates=(${all.join(' ')}) kind=${argumentKind(verb)} ;;`;
}

function valueLine(route: string, flags: readonly FlagDescription[]): string {
  return flags
    .filter((flag) => valueKind(flag) !== null)
    .map((flag) => {
      const patterns = spellingsOf(flag).map((word) => quoted(`${route}/${word}`));
      return `    ${patterns.join(' | ')}) kind=${valueKind(flag)} candidates=() ;;`;
    })
    .join('\n');
}
