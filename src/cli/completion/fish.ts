import { type CompletedFlag, type CompletedVerb, GLOBAL_FLAGS, routeOf, SHELLS, steps, type ValueKind } from './verbs.js';

/** The script that fish(1) completes superctl by. */
export function fishCompletion(verbs: readonly CompletedVerb[]): string {
  return `# fish completion of superctl; made by: superctl completion fish
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

function verbLine({ words, summary }: CompletedVerb): string {
  return `complete -c superctl -n ${at(words.slice(0, -1).join(' '))} -a ${quote(words.at(-1) as string)} -d ${quote(summary)}`;
}

function linesOf(verb: CompletedVerb): string[] {
  const route = routeOf(verb);
  const help: CompletedFlag = { name: 'help', letter: null, summary: 'Show help', takes: null };
  return [...[...verb.flags, help].map((flag) => flagLine(route, flag)), ...wordLine(route, verb.takes)];
}

function flagLine(route: string, { name, letter, summary, takes }: CompletedFlag): string {
  const short = letter === null ? '' : ` -s ${letter}`;
  const value = takes === null ? '' : takes === 'files' ? ' -r -F' : ` -x${arguments_(takes)}`;
  return `complete -c superctl -n ${at(route)} -l ${name}${short}${value} -d ${quote(summary)}`;
}

function wordLine(route: string, takes: ValueKind): string[] {
  if (takes === 'nothing') return [];
  return [`complete -c superctl -n ${at(route)}${takes === 'files' ? ' -F' : arguments_(takes)}`];
}

function arguments_(takes: ValueKind): string {
  if (takes === 'nothing') return '';
  return ` -a ${quote(takes === 'shells' ? SHELLS.join(' ') : `(__superctl_live ${takes})`)}`;
}

const at = (route: string): string => quote(`__superctl_at "${route}"`);

/** In single quotes fish looks at \\ and ' alone. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
