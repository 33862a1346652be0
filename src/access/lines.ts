import type { Bytes } from './bytes.js';

/** The text of one rule: physical lines joined at their backslashes, without the final newline. */
export interface LogicalLine {
  readonly text: Bytes;
  /** The last physical line, which libwrap's messages name. */
  readonly line: number;
  readonly firstLine: number;
}

/** Where a table becomes unreadable; the rules above still count. */
export interface Break {
  readonly line: number;
  readonly problem: 'no-final-newline' | 'line-too-long';
}

/** libwrap's line buffer: a logical line and its newline must fit. */
export const LONGEST_LINE = 2047;

/** The problems with the lines of a table. */
export interface LinesReport {
  /** The place where libwrap stops reading, or null. */
  readonly broken: Break | null;
  /** Physical lines with a NUL byte, which cuts off the rest of the line, newline included. */
  readonly cut: readonly number[];
}

/**
 * Splits a table into logical lines as libwrap reads it through its buffer of 2,048 bytes.
 *
 * @param take Called with each logical line, in order.
 * @example splitLines('sshd: \\\n ALL\n', take) // take({ text: 'sshd:  ALL', line: 2, firstLine: 1 })
 */
export function splitLines(table: Bytes, take: (line: LogicalLine) => void): LinesReport {
  const cut: number[] = [];
  let pending = '';
  let physical = 0;
  let firstLine = 1;
  let at = 0;
  while (at < table.length) {
    const room = LONGEST_LINE - pending.length;
    if (room <= 0) return { broken: { line: physical + 1, problem: 'line-too-long' }, cut };
    const newline = table.indexOf('\n', at);
    const end = Math.min(newline === -1 ? table.length : newline + 1, at + room);
    const chunk = table.slice(at, end);
    at = end;
    if (newline !== -1 && end === newline + 1) physical++;
    const nul = chunk.indexOf('\0');
    if (nul !== -1) {
      cut.push(physical);
      pending += chunk.slice(0, nul);
    } else if (chunk.endsWith('\\\n')) {
      pending += chunk.slice(0, -2);
    } else if (chunk.endsWith('\n')) {
      take({ text: pending + chunk.slice(0, -1), line: physical, firstLine });
      pending = '';
      firstLine = physical + 1;
    } else {
      pending += chunk;
      if (end < table.length) return { broken: { line: physical + 1, problem: 'line-too-long' }, cut };
    }
  }
  if (pending === '') return { broken: null, cut };
  const problem = pending.length >= LONGEST_LINE ? 'line-too-long' : 'no-final-newline';
  return { broken: { line: table.endsWith('\n') ? physical : physical + 1, problem }, cut };
}
