import { type Bytes, foldCase, toBytes, toText } from './bytes.js';
import { type LinesReport, LONGEST_LINE, type LogicalLine, splitLines } from './lines.js';
import { type OptionStep, parseOptions } from './parse-options.js';
import {
  type ClientElement,
  type DaemonElement,
  findOutsideBrackets,
  type List,
  parseClientElement,
  parseDaemonElement,
} from './pattern.js';
import type { Rule, RuleDiagnostic, RuleTable } from './rule.js';

/** The text of one of the two tables. */
export interface TableSource {
  /** The name in rules and messages, usually the path of the file. */
  readonly path: string;
  /** null for a missing file, which is an empty table. */
  readonly content: string | Uint8Array | null;
  /** Why an existing file could not be read; `content` then does not count. */
  readonly unreadable?: string | undefined;
}

/**
 * Parses one table exactly as libwrap does, and reports where its author probably meant something else.
 *
 * Never fails: an unreadable part is a diagnostic, and the table is `broken` there.
 */
export function parseTable(source: TableSource): RuleTable {
  const { path, content, unreadable } = source;
  if (unreadable !== undefined) return unreadableTable(path, unreadable);
  const diagnostics: RuleDiagnostic[] = [];
  const report = (severity: RuleDiagnostic['severity'], code: string, line: number, message: string) =>
    diagnostics.push({ severity, code, path, line, message: toText(message) });

  const rules: Rule[] = [];
  const daemonLists = new Map<Bytes, List<DaemonElement>>();
  const lines = splitLines(toBytes(content ?? ''), (line) => {
    if (isSkipped(line, report)) return;
    const rule = parseRule(line, daemonLists, report);
    if (rule !== null) rules.push(rule);
  });
  reportLines(lines, report);
  return { path, rules, broken: lines.broken, diagnostics: diagnostics.sort((a, b) => a.line - b.line) };
}

export type Report = (severity: RuleDiagnostic['severity'], code: string, line: number, message: string) => void;

function unreadableTable(path: string, problem: string): RuleTable {
  const message = `unreadable: ${problem}; as hosts.deny it refuses every client, as hosts.allow it counts as empty`;
  return {
    path,
    rules: [],
    broken: { line: 0, problem: 'unreadable' },
    diagnostics: [{ severity: 'error', code: 'unreadable', path, line: 0, message }],
  };
}

function isSkipped({ text, line, firstLine }: LogicalLine, report: Report): boolean {
  if (text.startsWith('#')) {
    if (firstLine !== line)
      report('warning', 'comment-continues', line, `the comment of line ${firstLine} ends in "\\" and continues on the next line`);
    return true;
  }
  // Usually the first character decides.
  return text.charCodeAt(0) <= 0x20 || text === '' ? /^[ \t\r]*$/.test(text) : false;
}

/** @param daemonLists The daemon lists of this table by their text: most tables repeat a few. */
function parseRule({ text, line, firstLine }: LogicalLine, daemonLists: Map<Bytes, List<DaemonElement>>, report: Report): Rule | null {
  if (text.endsWith('\\\r'))
    report('warning', 'crlf-continuation', line, 'a "\\" before CR LF does not continue the line; end lines with LF alone');
  const [daemons, rest] = cutAtColon(text);
  if (rest === null) {
    const hidden = text.includes(':') ? ' (brackets that do not balance hide it)' : '';
    report('error', 'no-separator', line, `missing ":" separator between daemons and clients${hidden}: the line is ignored`);
    return null;
  }
  const [clients, optionField] = cutAtColon(rest);
  if (bracketDepth(clients) !== 0) {
    const hidden = clients.includes(':') ? 'the ":" after them does not begin the options' : 'a ":" after them would not begin options';
    report('error', 'unbalanced-bracket', line, `brackets in "${clients.trim()}" do not balance: ${hidden}`);
  }
  let daemonList = daemonLists.get(daemons);
  if (daemonList === undefined) daemonLists.set(daemons, (daemonList = parseList(daemons, parseDaemonElement)));
  return new LazyRule(line, firstLine, text, daemonList, clients, optionField);
}

/** A rule that parses its clients and options on first use: few rules of a long table need it once the table is indexed. */
class LazyRule implements Rule {
  private readClients: List<ClientElement> | null = null;
  private readOptions: readonly OptionStep[] | null = null;

  constructor(
    readonly line: number,
    readonly firstLine: number,
    readonly text: Bytes,
    readonly daemons: List<DaemonElement>,
    private readonly clientField: Bytes,
    private readonly optionField: Bytes | null,
  ) {}

  get clients(): List<ClientElement> {
    this.readClients ??= this.parseClients();
    return this.readClients;
  }

  get options(): readonly OptionStep[] | null {
    if (this.optionField !== null) this.readOptions ??= parseOptions(this.optionField);
    return this.readOptions;
  }

  parseClients(): List<ClientElement> {
    return parseList(this.clientField, parseClientElement);
  }
}

/** The fields of a rule as written. */
export function ruleFields(text: Bytes): { daemons: Bytes; clients: Bytes; options: Bytes | null } {
  const [daemons, rest] = cutAtColon(text);
  const [clients, options] = cutAtColon(rest ?? '');
  return { daemons: daemons.trim(), clients: clients.trim(), options: options === null ? null : options.trim() };
}

function cutAtColon(text: Bytes): [field: Bytes, rest: Bytes | null] {
  const colon = findOutsideBrackets(text, ':');
  return colon === -1 ? [text, null] : [text.slice(0, colon), text.slice(colon + 1)];
}

const bracketDepth = (text: Bytes) => (text.includes('[') || text.includes(']') ? text.split('[').length - text.split(']').length : 0);

/** The words of a field, in groups between the words EXCEPT. */
function parseList<Element>(field: Bytes, parseElement: (word: Bytes) => Element): List<Element> {
  const groups: Element[][] = [[]];
  for (const word of field.split(/[ ,\t\r\n]+/)) {
    if (word === '') continue;
    if (word.length === 6 && foldCase(word) === 'except') groups.push([]);
    else (groups.at(-1) as Element[]).push(parseElement(word));
  }
  return groups;
}

function reportLines({ broken, cut }: LinesReport, report: Report): void {
  for (const line of cut) report('error', 'nul-byte', line, 'a NUL byte cuts the line here, and joins the next line to the part before it');
  if (broken === null) return;
  const found =
    broken.problem === 'line-too-long'
      ? `missing newline or line too long: more than ${LONGEST_LINE - 1} bytes, continuation lines included`
      : 'missing newline or line too long: the last line does not end in a newline';
  report(
    'error',
    broken.problem,
    broken.line,
    `${found}; superd reads nothing from here on, and a hosts.deny refuses every client that its earlier rules do not decide about`,
  );
}
