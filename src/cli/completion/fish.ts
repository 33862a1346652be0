import { type FlagDescription, GLOBAL_FLAGS, HELP_FLAG, type VerbDescription } from '../verbs.js';
import { argumentKind, routeOf, SHELLS, steps, type ValueKind, valueKind } from './candidates.js';

/** The completion script for fish(1). */
export function fishCompletion(verbs: readonly VerbDescription[]): string {
  return `# fish completion of superctl; written by: superctl completion fish
function __superctl_route
    set -l route
    set -l words (commandline -opc)[2..]
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        switch "$word"
            case --socket
                set -e words[1]
                continue
        end
        switch "$route/$word"
${steps(verbs)
  .map(
    ({ from, spellings, verb }) =>
      `            case ${spellings.map((word) => quote(`${from}/${word}`)).join(' ')}\n                set route ${quote(routeOf(verb))}`,
  )
  .join('\n')}
        end
    end
    echo "$route"
end
function __superctl_at
    test (__superctl_route) = "$argv[1]"
end
function __superctl_live
    set -l words (commandline -opc)
    set -l socket
    for i in (seq 2 (count $words))
        switch "$words[$i]"
            case --socket
                set socket --socket $words[(math $i + 1)]
            case '--socket=*'
                set socket $words[$i]
        end
    end
    $words[1] $socket completion $argv[1] 2>/dev/null
end
complete -c superctl -f
${GLOBAL_FLAGS.map((flag) => flagLine('', flag)).join('\n')}
${verbs.flatMap((verb) => [verbLine(verb), ...linesOf(verb)]).join('\n')}
`;
}

function verbLine({ words, summary }: VerbDescription): string {
  return `complete -c superctl -n ${at(words.slice(0, -1).join(' '))} -a ${quote(words.at(-1) as string)} -d ${quote(summary)}`;
}

function linesOf(verb: VerbDescription): string[] {
  const route = routeOf(verb);
  return [...[...verb.flags, HELP_FLAG].map((flag) => flagLine(route, flag)), ...argumentLine(route, argumentKind(verb))];
}

function flagLine(route: string, flag: FlagDescription): string {
  const kind = valueKind(flag);
  const short = flag.letter === null ? '' : ` -s ${flag.letter}`;
  const value = kind === null ? '' : kind === 'files' ? ' -r -F' : ` -x${candidates(kind)}`;
  return `complete -c superctl -n ${at(route)} -l ${flag.name}${short}${value} -d ${quote(flag.summary)}`;
}

function argumentLine(route: string, kind: ValueKind): string[] {
  if (kind === 'nothing') return [];
  return [`complete -c superctl -n ${at(route)}${kind === 'files' ? ' -F' : candidates(kind)}`];
}

function candidates(kind: ValueKind): string {
  if (kind === 'nothing') return '';
  return ` -a ${quote(kind === 'shells' ? SHELLS.join(' ') : `(__superctl_live ${kind})`)}`;
}

const at = (route: string): string => quote(`__superctl_at "${route}"`);

/** Within single quotes, fish interprets only \\ and '. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
