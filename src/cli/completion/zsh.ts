import { type CompletedFlag, type CompletedVerb, GLOBAL_FLAGS, quoted, routeOf, SHELLS, steps } from './verbs.js';

/** The script that zsh completes superctl by, to be sourced or put into a directory of $fpath as _superctl. */
export function zshCompletion(verbs: readonly CompletedVerb[]): string {
  return `#compdef superctl
# zsh completion of superctl; made by: superctl completion zsh
_superctl() {
  local current=$words[CURRENT] previous=$words[CURRENT-1] route='' kind=nothing word line
  local -a sock flags verbs live
  integer i=2
  while (( i < CURRENT )); do
    word=\${(Q)words[i]}
    (( i++ ))
    case $word in
      --socket) sock=(--socket \${(Q)~words[i]}); (( i++ )); continue ;;
      --socket=*) sock=($word); continue ;;
    esac
    case "$route/$word" in
${steps(verbs)
  .map(
    ({ from, spellings, verb }) =>
      `      ${spellings.map((word) => quoted(`${from}/${word}`)).join(' | ')}) route=${quoted(routeOf(verb))} ;;`,
  )
  .join('\n')}
    esac
  done
  case $route in
${entry('', GLOBAL_FLAGS, 'nothing', verbs)}
${verbs.map((verb) => entry(routeOf(verb), verb.flags, verb.takes, verbs)).join('\n')}
  esac
  case "$route/$previous" in
${[values('', GLOBAL_FLAGS), ...verbs.map((verb) => values(routeOf(verb), verb.flags))].filter(Boolean).join('\n')}
  esac
  (( i > CURRENT )) && kind=files
  if [[ $current == -* && $#flags -gt 0 ]]; then
    _describe option flags
    return
  fi
  case $kind in
    files) _files; return ;;
    shells) verbs+=(${SHELLS.join(' ')}) ;;
    services | sessions)
      for line in \${(f)"$(\${(Q)~words[1]} $sock completion $kind 2>/dev/null)"}; do
        live+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
      done
      _describe $kind live
      ;;
  esac
  (( $#verbs )) && _describe verb verbs
}
if [[ $funcstack[1] == _superctl ]]; then _superctl "$@"; else compdef _superctl superctl; fi
`;
}

function entry(route: string, flags: readonly CompletedFlag[], takes: string, verbs: readonly CompletedVerb[]): string {
  const options = [...flags.flatMap(spellings), ...(route === '' ? [] : [described('--help', 'Show help')])];
  const next = steps(verbs).filter(({ from }) => from === route);
  const words = next.map(({ spellings: [word = ''], verb }) => described(word, verb.summary));
  return `    ${quoted(route)}) flags=(${options.join(' ')}) verbs=(${words.join(' ')}) kind=${takes} ;;`;
}

function spellings({ name, letter, summary }: CompletedFlag): string[] {
  return [`--${name}`, ...(letter === null ? [] : [`-${letter}`])].map((word) => described(word, summary));
}

const described = (word: string, summary: string): string => quoted(`${word}:${summary}`);

function values(route: string, flags: readonly CompletedFlag[]): string {
  return flags
    .filter(({ takes }) => takes !== null)
    .map(({ name, letter, takes }) => {
      const words = [`--${name}`, ...(letter === null ? [] : [`-${letter}`])].map((word) => quoted(`${route}/${word}`));
      return `    ${words.join(' | ')}) kind=${takes} flags=() verbs=() ;;`;
    })
    .join('\n');
}
