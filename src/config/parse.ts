import { looksLikeAssignment, readAttributeLine } from './assignment.js';
import { Cursor, type Statement } from './cursor.js';
import { Findings, quote } from './diagnostic.js';
import type { Assignment, Entry } from './entries.js';
import { foreignSection } from './foreign-words.js';
import { lexLines, plainBlanks, splitWords } from './lex.js';
import { suggest } from './suggest.js';

export interface Parsed {
  readonly entries: readonly Entry[];
  readonly findings: Findings;
}

const KEYWORDS = ['service', 'defaults', 'include', 'includedir'] as const;
const COMMENT = /^(?:#|\/\/)/;

/**
 * Parses one file in xinetd's grammar (xinetd.conf(5)). One mistake costs one entry: the parser continues at the next line that makes
 * sense, and reports every mistake.
 *
 * @example parse('service x\n{\n\twait = no\n}\n', 'f').entries.length // 1
 */
export function parse(text: string, path: string): Parsed {
  return new Parser(text, path).run();
}

interface OpenBlock {
  /** null: a block without a usable header, parsed only to find its end. */
  readonly kind: 'service' | 'defaults' | null;
  readonly name: string;
  readonly line: number;
  readonly assignments: Assignment[];
  broken: boolean;
}

class Parser {
  private readonly findings = new Findings();
  private readonly entries: Entry[] = [];
  private readonly cursor: Cursor;
  private open: OpenBlock | null = null;
  private defaultsLine = 0;
  /** Consecutive lines outside any block that look like attributes get one message. */
  private strayRun = false;

  constructor(
    text: string,
    private readonly path: string,
  ) {
    const { lines, byteOrderMark, firstCrlf } = lexLines(text);
    if (byteOrderMark) this.at(1).note('read-bom', 'the byte-order mark is skipped; xinetd takes it for text and loses the first entry');
    if (firstCrlf > 0)
      this.at(firstCrlf).note('read-crlf', 'lines end in CR LF; the CR is dropped, while xinetd makes it part of every value');
    this.cursor = new Cursor(
      lines,
      (line) => this.at(line).note('read-comment', 'the line is read as a comment; xinetd knows only # and would drop the entry'),
      (line, odd) =>
        this.at(line).warning(
          'read-blank',
          `${odd.join(', ')} at the beginning is read as a blank; xinetd takes it for text and would drop the entry`,
        ),
    );
  }

  run(): Parsed {
    for (let statement = this.cursor.take(); statement !== undefined; statement = this.cursor.take()) {
      if (this.open === null) this.outside(statement);
      else this.inside(this.open, statement);
    }
    if (this.open !== null) this.neverClosed(this.open, 'the end of the file comes first');
    return { entries: this.entries, findings: this.findings };
  }

  private at(line: number) {
    return this.findings.at({ path: this.path, line });
  }

  private outside(statement: Statement): void {
    const { line, text } = statement;
    if (text.startsWith('}')) {
      this.at(line).error('surplus-brace', 'this } closes nothing, because no block is open; delete it');
      this.strayRun = false;
      return;
    }
    if (text.startsWith('{')) {
      const hint = this.strayRun ? '' : '; if that line is commented out, comment out the whole block too, or write the line';
      this.at(line).error('block-without-header', `a block begins here without "service NAME" or "defaults" before it${hint}`);
      this.begin(null, '', line);
      return;
    }
    const word = /^[^\s{]+/.exec(text)?.[0] ?? '';
    const { text: plain, odd } = plainBlanks(text.slice(word.length));
    const rest = plain.trim();
    const keyword = KEYWORDS.find((one) => one === word.toLowerCase());
    if (keyword === undefined) {
      this.stray(statement, word, rest);
      return;
    }
    this.strayRun = false;
    if (odd.length > 0) this.at(line).warning('read-blank', `${odd.join(', ')} is read as a blank; xinetd takes it for a part of the name`);
    if (keyword === 'include' || keyword === 'includedir') this.include(keyword, rest, line);
    else this.header(keyword, rest, line);
  }

  /** A line outside every block without a keyword. A misspelt keyword is parsed as intended, but superd does not run that service. */
  private stray({ line, text }: Statement, word: string, rest: string): void {
    const report = this.at(line);
    const assignment = looksLikeAssignment(text);
    const near = assignment || text.startsWith('[') ? null : suggest(word, KEYWORDS);
    const opens = text.endsWith('{') || this.cursor.peek()?.startsWith('{') === true;
    const foreign = foreignSection(text);
    if (foreign !== null) report.error('unknown-keyword', `${quote(text)} begins ${foreign}`);
    else if (near !== null) report.error('unknown-keyword', `unknown keyword ${quote(word)}; did you mean ${near}?`);
    else if (!this.strayRun && assignment)
      report.error(
        'attribute-outside-block',
        `the attribute ${quote(word.replace(/[+-]?=.*/, ''))} is outside any block; is a } above too early, or a "service NAME" or "defaults" line missing?`,
      );
    else if (!this.strayRun)
      report.error('unknown-keyword', `unknown keyword ${quote(word)}; wanted service, defaults, include or includedir`);
    this.strayRun = near === null;
    if (!opens) return;
    if (near === 'service' || near === 'defaults') this.header(near, rest, line);
    else if (text.endsWith('{')) this.begin(null, '', line);
    else this.openBrace(null, '', line);
    if (this.open !== null) this.open.broken = true;
  }

  private include(kind: 'include' | 'includedir', rest: string, line: number): void {
    const [target, ...extra] = splitWords(rest).words;
    if (target === undefined) {
      this.at(line).error('missing-name', `${kind} needs a ${kind === 'include' ? 'file' : 'directory'}`);
      return;
    }
    this.extraWords(extra, line);
    this.entries.push({ kind, target, origin: { path: this.path, line } });
  }

  /** `service NAME` or `defaults`, with or without the brace on the same line. */
  private header(kind: 'service' | 'defaults', rest: string, line: number): void {
    const comment = /(?:^|\s)(?:#|\/\/)/.exec(rest)?.index ?? rest.length;
    const brace = rest.slice(0, comment).indexOf('{');
    const words = splitWords(rest.slice(0, brace === -1 ? comment : brace)).words;
    const name = kind === 'service' ? (words[0] ?? '') : '';
    this.extraWords(kind === 'service' ? words.slice(1) : words, line);
    if (kind === 'defaults') this.noteSecondDefaults(line);
    const usable = kind === 'service' && name === '' ? null : kind;
    if (usable === null) this.at(line).error('missing-name', 'service needs a name: "service NAME"');
    if (brace === -1) {
      this.openBrace(usable, name, line);
      return;
    }
    this.begin(usable, name, line);
    this.at(line).note('read-brace-on-line', 'the { may be on this line; xinetd wants it on the next one and would lose this block');
    this.afterOpen(rest.slice(brace + 1).trim(), line);
  }

  private noteSecondDefaults(line: number): void {
    if (this.defaultsLine === 0) this.defaultsLine = line;
    else
      this.at(line).warning(
        'second-defaults',
        `a second defaults block (the first is on line ${this.defaultsLine}) adds to the first; xinetd ignores it`,
      );
  }

  private extraWords(words: readonly string[], line: number): void {
    if (words.length > 0) this.at(line).warning('extra-words', `${quote(words.join(' '))} is ignored; wanted nothing more on this line`);
  }

  /** Takes the `{` from the line after a header. Without one, the parser still reads the attributes, to report their mistakes. */
  private openBrace(kind: OpenBlock['kind'], name: string, line: number): void {
    const block = this.begin(kind, name, line);
    const following = this.cursor.peek();
    if (following?.startsWith('{') === true) {
      const brace = this.cursor.take() as Statement;
      this.afterOpen(brace.text.slice(1).trim(), brace.line);
      return;
    }
    block.broken = true;
    this.at(line).error('missing-open-brace', `${nameOf(block)} needs a { alone on the next line`);
    if (following === undefined || !(looksLikeAssignment(following) || following.startsWith('}'))) this.close(block);
  }

  private afterOpen(text: string, line: number): void {
    if (text === '' || this.open === null) return;
    if (COMMENT.test(text)) {
      this.at(line).note('read-comment', 'text after { is read as a comment; xinetd would lose this block');
      return;
    }
    this.open.broken = true;
    this.at(line).error('text-after-brace', `${quote(text)} follows the {; write each attribute and the } on a line of its own`);
    if (text.endsWith('}')) this.close(this.open);
  }

  private inside(block: OpenBlock, statement: Statement): void {
    const { line, text } = statement;
    if (text.startsWith('}')) {
      this.close(block);
      this.afterClose(text.slice(1).trim(), line);
    } else if (text.startsWith('{')) {
      block.broken = true;
      this.at(line).error('unexpected-brace', `a second { inside ${nameOf(block)}; is the } of a block missing above?`);
    } else if (this.startsEntry(text)) {
      this.neverClosed(block, `${quote(text.replace(/\s*\{.*$/, ''))} begins on line ${line}`);
      this.outside(statement);
    } else this.attribute(block, statement);
  }

  private afterClose(rest: string, line: number): void {
    if (rest === '') return;
    const report = this.at(line);
    if (COMMENT.test(rest)) {
      report.note('read-comment', 'text after } is read as a comment; xinetd would not see the } and lose the block');
      return;
    }
    report.error('text-after-brace', `${quote(rest)} follows the }; write the } on a line of its own`);
    if (/^(?:\}|(?:service|defaults|include|includedir)\b)/i.test(rest)) this.outside({ line, text: rest });
  }

  /** Whether a line inside a block can only begin the next entry, so that the } before it is missing. */
  private startsEntry(text: string): boolean {
    if (!/^(?:service|defaults|include)/i.test(text)) return false;
    const match = /^([a-z]+)(?:\s+([^\s=+-]\S*))?\s*(\{.*)?$/i.exec(text);
    const keyword = match?.[1]?.toLowerCase();
    if (keyword === 'include' || keyword === 'includedir') return match?.[2] !== undefined;
    if (keyword !== 'service' && keyword !== 'defaults') return false;
    return match?.[3] !== undefined || this.cursor.peek()?.startsWith('{') === true;
  }

  private attribute(block: OpenBlock, { line, text }: Statement): void {
    const report = this.at(line);
    const equals = text.indexOf('=') + 1;
    const head = plainBlanks(text.slice(0, equals));
    if (head.odd.length > 0)
      report.warning(
        'read-blank',
        `${head.odd.join(', ')} before = is read as a blank; xinetd takes it for text and would drop this service`,
      );
    const read = readAttributeLine(head.text + text.slice(equals));
    if (read.kind === 'mistake') {
      block.broken = true;
      report.error(read.code, read.message);
      return;
    }
    const { name, operator, value } = read;
    if (value.includes('\0')) {
      block.broken = true;
      report.error('bad-value', `the value of ${name} has a NUL byte in it, which no program can receive`);
      return;
    }
    if (!read.blankBefore)
      report.note(
        'read-operator-without-blank',
        `read as "${name} ${operator}"; xinetd wants a blank before ${operator} and would drop this service`,
      );
    block.assignments.push({ name, operator, value, origin: report.origin, ...(read.isDoubled ? { isDoubled: true as const } : {}) });
  }

  private begin(kind: OpenBlock['kind'], name: string, line: number): OpenBlock {
    this.strayRun = false;
    this.open = { kind, name, line, assignments: [], broken: false };
    return this.open;
  }

  private close({ kind, name, line, assignments, broken }: OpenBlock): void {
    this.open = null;
    if (kind !== null) this.entries.push({ kind, name, assignments, broken, dialect: 'xinetd', origin: { path: this.path, line } });
  }

  private neverClosed(block: OpenBlock, why: string): void {
    block.broken = true;
    this.at(block.line).error('missing-close-brace', `${nameOf(block)} is never closed: ${why}; write the missing }`);
    this.close(block);
  }
}

function nameOf({ kind, name }: OpenBlock): string {
  return kind === 'service' ? `service ${name}` : kind === 'defaults' ? 'defaults' : 'the block';
}
