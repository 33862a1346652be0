import { type ArgumentDescription, type FlagDescription, GLOBAL_FLAGS, HELP_FLAG, type VerbDescription } from './verbs.js';

const WIDTH = 80;

/** The help of one verb. */
export function verbHelp({ words, aliases, summary, description, flags, arguments: args }: VerbDescription): string {
  const usage = ['superctl', ...words, ...flags.map(flagUsage), ...args.map(argumentUsage)];
  return sections(
    ['USAGE', [wrapped(usage, '  ', '    ')]],
    ['', [paragraph(`${summary}.`), ...(description === null ? [] : ['', paragraph(description)])]],
    ['ALIASES', aliases.map((alias) => `  superctl ${alias}`)],
    ['ARGUMENTS', rows(args.map((one) => [argumentName(one), one.summary]))],
    ['FLAGS', rows([...flags, HELP_FLAG].map(flagRow))],
  );
}

/** The help of superctl, or of a group of verbs. */
export function groupHelp(words: readonly string[], summary: string, verbs: readonly VerbDescription[]): string {
  const isTop = words.length === 0;
  const usage = isTop ? '[--socket <file>] [<command> [<flag>...] [<argument>...]]' : `${words.join(' ')} <command> [<flag>...]`;
  const listed = verbs.filter((verb) => verb.words.length === words.length + 1);
  return sections(
    ['USAGE', [`  superctl ${usage}`, `  superctl ${[...words, '<command>'].join(' ')} --help`]],
    ['', [paragraph(`${summary}.`)]],
    ['FLAGS', rows((isTop ? [...GLOBAL_FLAGS.filter(({ name }) => name !== 'help'), HELP_FLAG] : [HELP_FLAG]).map(flagRow))],
    ['COMMANDS', rows(listed.map((verb) => [verb.words.at(-1) as string, verb.summary]))],
  );
}

function sections(...all: readonly (readonly [title: string, lines: readonly string[]])[]): string {
  return all
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [...(title === '' ? [] : [title]), ...lines].map((line) => `${line}\n`).join(''))
    .join('\n');
}

/** @example flagUsage({ name: 'lines', value: 'number', isRequired: false, isRepeated: false }) // '[--lines <number>]' */
function flagUsage({ name, value, isRequired, isRepeated }: Pick<FlagDescription, 'name' | 'value' | 'isRequired' | 'isRepeated'>): string {
  const flag = `--${name}${value === null ? '' : ` <${value}>`}`;
  return `${isRequired ? flag : `[${flag}]`}${isRepeated ? '...' : ''}`;
}

const argumentName = ({ name, isRepeated }: ArgumentDescription): string => `${name}${isRepeated ? '...' : ''}`;

function argumentUsage({ name, isRequired, isRepeated }: ArgumentDescription): string {
  return isRequired ? `<${name}>${isRepeated ? '...' : ''}` : `[${name}${isRepeated ? '...' : ''}]`;
}

function flagRow({ name, letter, value, summary, initial, isRepeated }: FlagDescription): [string, string] {
  const spelled = `${letter === null ? '    ' : `-${letter}, `}--${name}${value === null ? '' : ` <${value}>`}`;
  return [spelled, `${summary}${initial === null ? '' : ` (default: ${initial})`}${isRepeated ? ' (repeatable)' : ''}`];
}

/** Two columns, the second wrapped. */
function rows(cells: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...cells.map(([name]) => name.length)) + 2;
  return cells.map(([name, text]) => wrapped(text.split(' '), `  ${name.padEnd(width)}`, ' '.repeat(width + 2)));
}

const paragraph = (text: string): string => wrapped(text.split(' '), '', '');

/** Words in lines of at most 80 columns, the first behind `head` and the others behind `indent`. */
function wrapped(words: readonly string[], head: string, indent: string): string {
  const lines: string[] = [];
  let line = head;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}
