import { type FlagDescription, GLOBAL_FLAGS, type VerbDescription } from '../verbs.js';
import { argumentKind, quoted, routeOf, SHELLS, spellingsOf, steps, valueKind } from './candidates.js';

/** The completion script for zsh: to source, or to put into a directory of $fpath as _superctl. */
export function zshCompletion(verbs: readonly VerbDescription[]): string {
  return `#compdef superctl
# zsh completion of superctl; written by: superctl completion zsh
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
${verbs.map((verb) => entry(routeOf(verb), verb.flags, argumentKind(verb), verbs)).join('\n')}
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

function entry(route: string, flags: readonly FlagDescription[], kind: string, verbs: readonly VerbDescription[]): string {
  const options = flags.flatMap((flag) => spellingsOf(flag).map((word) => described(word, flag.summary)));
  const help = route === '' ? [] : [described('--help', 'Show this help')];
  const next = steps(verbs).filter(({ from }) => from === route);
  const words = next.map(({ spellings: [word = ''], verb }) => described(word, verb.summary));
  return `    ${quoted(route)}) flags=(${[...options, ...help].join(' ')}) verbs=(${words.join(' ')}) kind=${kind} ;;`;
}

const described = (word: string, summary: string): string => quoted(`${word}:${summary}`);

function values(route: string, flags: readonly FlagDescription[]): string {
  return flags
    .filter((flag) => valueKind(flag) !== null)
    .map((flag) => {
      const words = spellingsOf(flag).map((word) => quoted(`${route}/${word}`));
      return `    ${words.join(' | ')}) kind=${valueKind(flag)} flags=() verbs=() ;;`;
    })
    .join('\n');
}
