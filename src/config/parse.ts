import { Findings, quote } from './diagnostic.js';
import type { Assignment, Block, Entry, Operator } from './entries.js';
import { type Line, lexLines } from './lex.js';
import { suggest } from './suggest.js';

export interface Parsed {
  readonly entries: readonly Entry[];
  readonly findings: Findings;
}

const KEYWORDS = ['service', 'defaults', 'include', 'includedir'] as const;
type Keyword = (typeof KEYWORDS)[number];

/**
 * Reads the text of one file in xinetd's grammar (xinetd.conf(5)). One mistake costs one entry: after each the parser goes
 * on at the next line that makes sense, and everything that was found wrong is told.
 *
 * @example parse('service x\n{\n\twait = no\n}\n', 'f').entries.length // 1
 */
export function parse(text: string, path: string): Parsed {
  return new Parser(text, path).run();
}

interface OpenBlock {
  /** null: a block without a usable header, read only to find its end. */
  readonly kind: 'service' | 'defaults' | null;
  readonly name: string;
  readonly line: number;
  readonly assignments: Assignment[];
  broken: boolean;
}

class Parser {
  private readonly findings = new Findings();
  private readonly entries: Entry[] = [];
  private readonly lines: readonly Line[];
  private next = 0;
  private open: OpenBlock | null = null;
  private defaultsLine = 0;
  /** Lines in a row outside any block that look like attributes are told once. */
  private strayRun = false;

  constructor(
    text: string,
    private readonly path: string,
  ) {
    const { lines, byteOrderMark, firstCrlf } = lexLines(text);
    this.lines = lines;
    if (byteOrderMark) this.at(1).note('read-bom', 'the byte-order mark is skipped; xinetd takes it for text and loses the first entry');
    if (firstCrlf > 0)
      this.at(firstCrlf).note('read-crlf', 'lines end in CR LF; the CR is dropped, while xinetd makes it part of every value');
  }

  run(): Parsed {
    while (this.next < this.lines.length) {
      const line = this.lines[this.next++] as Line;
      const text = line.text.trim();
      if (text === '' || text.startsWith('#')) continue;
      if (this.isSlashComment(text)) {
        this.at(line.number).note('read-comment', 'the line is read as a comment; xinetd knows only # and would drop the entry');
        continue;
      }
      if (this.open === null) this.outside(line, text);
      else this.inside(this.open, line, text);
    }
    if (this.open !== null) {
      this.missingClose(this.open, 'the end of the file comes first');
      this.close(this.open);
    }
    return { entries: this.entries, findings: this.findings };
  }

  private isSlashComment(text: string): boolean {
    return text.startsWith('//');
  }

  private at(line: number) {
    return this.findings.at({ path: this.path, line });
  }

  private outside(line: Line, text: string): void {
    const report = this.at(line.number);
    if (text.startsWith('}')) {
      report.error('surplus-brace', 'this } closes nothing: no block is open; delete it');
      this.strayRun = false;
      return;
    }
    if (text.startsWith('{')) {
      const hint = this.strayRun ? '' : '; is the line commented out? Comment out the whole block too, or write the line';
      report.error('block-without-header', `a block begins here without "service NAME" or "defaults" before it${hint}`);
      this.begin(null, '', line.number);
      return;
    }
    const word = /^[^\s{]+/.exec(text)?.[0] ?? '';
    const keyword = KEYWORDS.find((one) => one === word.toLowerCase());
    if (keyword === undefined) {
      this.stray(line, text, word);
      return;
    }
    this.strayRun = false;
    const rest = text.slice(word.length).trim();
    if (keyword === 'include' || keyword === 'includedir') this.include(keyword, rest, line);
    else this.header(keyword, rest, line);
  }

  /** A line outside every block that begins with no keyword. */
  private stray(line: Line, text: string, word: string): void {
    const report = this.at(line.number);
    const near = suggest(word, KEYWORDS);
    const assignment = /^[^\s=]+\s*(?:\+=|-=|=)/.test(text);
    if (near !== null && !assignment) report.error('unknown-keyword', `${quote(word)} is no keyword; did you mean ${near}?`);
    else if (assignment && !this.strayRun)
      report.error(
        'attribute-outside-block',
        `the attribute ${quote(word.replace(/[+-]?=.*/, ''))} stands outside any block; is a } too early above, or a "service NAME" or "defaults" line missing?`,
      );
    else if (!this.strayRun)
      report.error('unknown-keyword', `${quote(word)} is no keyword; wanted service, defaults, include or includedir`);
    this.strayRun = assignment || near === null;
    if (this.opensBlock(text)) this.openBrace(null, '', line.number);
  }

  private include(kind: 'include' | 'includedir', rest: string, line: Line): void {
    const report = this.at(line.number);
    const [target, ...extra] = rest.split(/[ \t]+/);
    if (target === undefined || target === '') {
      report.error('missing-name', `${kind} wants a ${kind === 'include' ? 'file' : 'directory'}`);
      return;
    }
    this.extraWords(extra, line);
    this.entries.push({ kind, target, origin: report.origin });
  }

  /** `service NAME` or `defaults`, with or without the brace on the same line. */
  private header(kind: 'service' | 'defaults', rest: string, line: Line): void {
    const report = this.at(line.number);
    const brace = rest.indexOf('{');
    const before = (brace === -1 ? rest : rest.slice(0, brace)).trim();
    const words = before === '' ? [] : before.split(/[ \t]+/);
    const name = kind === 'service' ? (words.shift() ?? '') : '';
    this.extraWords(words, line);
    if (kind === 'defaults') {
      if (this.defaultsLine > 0)
        report.warning(
          'second-defaults',
          `a second defaults block (the first is on line ${this.defaultsLine}) adds to the first; xinetd ignores it`,
        );
      else this.defaultsLine = line.number;
    }
    if (kind === 'service' && name === '') report.error('missing-name', 'service wants a name: "service NAME"');
    const usable = kind === 'service' && name === '' ? null : kind;
    if (brace === -1) {
      this.openBrace(usable, name, line.number);
      return;
    }
    this.begin(usable, name, line.number);
    report.note('read-brace-on-line', 'the { is taken from this line; xinetd wants it on the next one and would lose this block');
    this.afterBrace(rest.slice(brace + 1).trim(), line);
  }

  private extraWords(words: readonly string[], line: Line): void {
    if (words.length > 0 && !/^(?:#|\/\/)/.test(words[0] as string))
      this.at(line.number).warning('extra-words', `${quote(words.join(' '))} is ignored: nothing more belongs on this line`);
  }

  /** Does a `{` stand on this line or on the next one that says anything? */
  private opensBlock(text: string): boolean {
    return text.endsWith('{') || this.peek()?.startsWith('{') === true;
  }

  private peek(): string | undefined {
    for (let i = this.next; i < this.lines.length; i++) {
      const text = (this.lines[i] as Line).text.trim();
      if (text !== '' && !text.startsWith('#') && !text.startsWith('//')) return text;
    }
    return undefined;
  }

  /** Takes the `{` of a header; without one the attributes that follow are still read, to tell what is wrong with them. */
  private openBrace(kind: OpenBlock['kind'], name: string, headerLine: number): void {
    const block = this.begin(kind, name, headerLine);
    const following = this.peek();
    if (following?.startsWith('{') === true) {
      while (!(this.lines[this.next] as Line).text.trim().startsWith('{')) this.next++;
      const line = this.lines[this.next++] as Line;
      this.afterBrace(line.text.trim().slice(1).trim(), line);
      return;
    }
    if ((this.lines[headerLine - 1] as Line).text.trim().endsWith('{')) return;
    block.broken = true;
    this.at(headerLine).error('missing-open-brace', `${this.nameOf(block)} wants a { alone on the next line`);
    if (following === undefined || !/^[^\s=]+\s*(?:\+=|-=|=)|^\}/.test(following)) this.close(block);
  }

  private afterBrace(text: string, line: Line): void {
    if (text === '' || this.open === null) return;
    if (/^(?:#|\/\/)/.test(text)) {
      this.at(line.number).note('read-comment', 'text after { is read as a comment; xinetd would lose this block');
      return;
    }
    this.open.broken = true;
    this.at(line.number).error('text-after-brace', `${quote(text)} follows the {; write each attribute and the } on a line of its own`);
    if (text.endsWith('}')) this.close(this.open);
  }

  private inside(block: OpenBlock, line: Line, text: string): void {
    const report = this.at(line.number);
    if (text.startsWith('}')) {
      const rest = text.slice(1).trim();
      if (/^(?:#|\/\/)/.test(rest))
        report.note('read-comment', 'text after } is read as a comment; xinetd would not see the } and lose the block');
      else if (rest !== '') report.error('text-after-brace', `${quote(rest)} follows the } and is ignored; the } stands alone on its line`);
      this.close(block);
      return;
    }
    if (text.startsWith('{')) {
      block.broken = true;
      report.error('unexpected-brace', `a second { inside ${this.nameOf(block)}; is the } of a block missing above?`);
      return;
    }
    if (this.startsEntry(text)) {
      this.missingClose(block, `${quote(text.replace(/\s*\{.*$/, ''))} begins on line ${line.number}`);
      this.close(block);
      this.outside(line, text);
      return;
    }
    const assignment = this.assignment(line, text);
    if (assignment === null) block.broken = true;
    else block.assignments.push(assignment);
  }

  /** A line inside a block that can only be the beginning of the next entry: the } before it was forgotten. */
  private startsEntry(text: string): boolean {
    const match = /^([a-z]+)(?:\s+([^\s=+-]\S*))?\s*(\{.*)?$/i.exec(text);
    const keyword = match?.[1]?.toLowerCase();
    if (keyword === 'include' || keyword === 'includedir') return match?.[2] !== undefined;
    if (keyword !== 'service' && keyword !== 'defaults') return false;
    return match?.[3] !== undefined || this.peek()?.startsWith('{') === true;
  }

  private assignment(line: Line, text: string): Assignment | null {
    const report = this.at(line.number);
    const match = /^([^\s=]+?)(\s*)(\+=|-=|=)([\s\S]*)$/.exec(text);
    if (match === null) {
      this.badLine(line, text);
      return null;
    }
    const [, name, blank, operator, rest] = match as unknown as [string, string, string, Operator, string];
    if (rest.startsWith('=')) {
      report.error('bad-operator', `${quote(`${operator}=`)} is no operator; wanted =, += or -=`);
      return null;
    }
    if (blank === '')
      report.note(
        'read-operator-without-blank',
        `read as "${name} ${operator}"; xinetd wants a blank before ${operator} and would drop this service`,
      );
    return { name, operator, value: rest.trim(), origin: report.origin };
  }

  private badLine(line: Line, text: string): void {
    const report = this.at(line.number);
    const [name = '', second = ''] = text.split(/\s+/);
    if (text.startsWith('=')) {
      report.error('bad-operator', 'an attribute name is missing before =');
      return;
    }
    if (/^(?::=|:|\+|-|\*=)/.test(second) || name.endsWith(':')) {
      report.error(
        'bad-operator',
        `${quote(name.endsWith(':') ? ':' : second)} is no operator; wanted "${name.replace(/:$/, '')} =", += or -=`,
      );
      return;
    }
    report.error('missing-operator', `no = after ${quote(name)}; wanted "${name} = ${second === '' ? 'VALUE' : second}"`);
  }

  private begin(kind: OpenBlock['kind'], name: string, line: number): OpenBlock {
    this.strayRun = false;
    this.open = { kind, name, line, assignments: [], broken: false };
    return this.open;
  }

  private close(block: OpenBlock): void {
    this.open = null;
    if (block.kind === null) return;
    const { kind, name, assignments, broken } = block;
    const entry: Block = { kind, name, assignments, broken, dialect: 'xinetd', origin: { path: this.path, line: block.line } };
    this.entries.push(entry);
  }

  private missingClose(block: OpenBlock, why: string): void {
    block.broken = true;
    this.at(block.line).error('missing-close-brace', `${this.nameOf(block)} is never closed: ${why}; write the missing }`);
  }

  private nameOf(block: OpenBlock): string {
    return block.kind === 'service' ? `service ${block.name}` : block.kind === 'defaults' ? 'defaults' : 'the block';
  }
}

export function isKeyword(word: string): word is Keyword {
  return (KEYWORDS as readonly string[]).includes(word);
}
