import { type AttributeName, findAttribute, table } from './attributes/table.js';
import type { CheckedService } from './check.js';
import type { Assignment, Block, Entry } from './entries.js';
import { formatArguments, plainBlanks, splitArguments, splitBlanks, splitCommas, splitWords } from './lex.js';

/**
 * Entries as configuration text, one attribute per line, without comments. Parsing and formatting the result again changes nothing.
 *
 * @example formatEntries(parse('service x {\nwait=no\n}', 'f').entries) // 'service x\n{\n\twait = no\n}\n'
 */
export function formatEntries(entries: readonly Entry[]): string {
  const blocks = entries.filter((entry): entry is Block => 'assignments' in entry);
  const fromDefaults = blocks.filter(({ kind }) => kind === 'defaults').map(ownStyle);
  const inherited = fromDefaults.find((style) => style !== undefined) ?? quoted;
  return entries
    .map((entry) => {
      if ('target' in entry) return `${entry.kind} ${entry.target}\n`;
      const lines = entry.assignments.map((one) => formatAssignment(one, ownStyle(entry) ?? inherited));
      return formatBlock(entry.kind === 'service' ? `service ${entry.name}` : 'defaults', lines);
    })
    .join('\n');
}

/**
 * A checked service as a block with all its effective attributes, inherited ones included.
 *
 * @example formatService(report.services[0]) // 'service telnet\n{\n\tid = telnet\n…'
 */
export function formatService({ name, attributes }: CheckedService): string {
  return formatBlock(
    `service ${name}`,
    Object.entries(attributes).map(([attribute, value]) => `${attribute} = ${value}`.trimEnd()),
  );
}

function formatBlock(header: string, lines: readonly string[]): string {
  return `${header}\n{\n${lines.map((line) => `\t${line}\n`).join('')}}\n`;
}

/** How to read, and so to write, arguments. */
type ArgumentStyle = (value: string) => string;

const quoted: ArgumentStyle = (value) => formatArguments(splitArguments(value).words);
const plain: ArgumentStyle = (value) => splitBlanks(value).join(' ');

function ownStyle({ assignments }: Block): ArgumentStyle | undefined {
  const written = assignments.find(({ name }) => findAttribute(name) === 'server_args_quotes');
  if (written === undefined) return undefined;
  return /^no\b/i.test(written.value) ? plain : quoted;
}

function formatAssignment({ name, operator, value }: Assignment, style: ArgumentStyle): string {
  const attribute = findAttribute(name);
  return `${attribute ?? name} ${operator} ${formatValue(attribute, value, style)}`.trimEnd();
}

function formatValue(name: AttributeName | undefined, value: string, style: ArgumentStyle): string {
  const text = name === undefined ? 'words' : table[name].text;
  if (text === 'arguments') return style(value);
  const { words } = splitWords(plainBlanks(value).text);
  return text === 'words' ? words.join(' ') : joinItems(splitCommas(words).words);
}

/** An item that would begin a comment after a blank (`a,#b`) keeps its comma. */
function joinItems(items: readonly string[]): string {
  return items.reduce((line, item) => (line === '' ? item : `${line}${/^(?:#|\/\/)/.test(item) ? ',' : ' '}${item}`), '');
}
