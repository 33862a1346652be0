import { type Line, trimBlanks, withoutLeadingOddBlanks } from './lex.js';

/** A line with content, outer blanks removed. */
export interface Statement {
  readonly line: number;
  readonly text: string;
}

/** Walks over the lines of a file, skipping empty ones and comments. */
export class Cursor {
  private at = 0;

  /**
   * @param onSlashComment Called for each line that is a comment to superd only, because it begins with `//`.
   * @param onOddBlanks Called for each line that begins with blanks which are text to xinetd.
   */
  constructor(
    private readonly lines: readonly Line[],
    private readonly onSlashComment: (line: number) => void,
    private readonly onOddBlanks: (line: number, odd: readonly string[]) => void,
  ) {}

  take(): Statement | undefined {
    for (let line = this.lines[this.at++]; line !== undefined; line = this.lines[this.at++]) {
      const { text, odd } = withoutLeadingOddBlanks(trimBlanks(line.text));
      if (odd.length > 0 && text !== '') this.onOddBlanks(line.number, odd);
      if (text.startsWith('//')) this.onSlashComment(line.number);
      else if (text.trim() !== '' && !text.startsWith('#')) return { line: line.number, text };
    }
    return undefined;
  }

  /** The text of the next statement, without taking it. */
  peek(): string | undefined {
    for (let i = this.at; i < this.lines.length; i++) {
      const { text } = withoutLeadingOddBlanks((this.lines[i] as Line).text.trim());
      if (text !== '' && !text.startsWith('#') && !text.startsWith('//')) return text;
    }
    return undefined;
  }
}
