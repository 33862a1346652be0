import { oneLine } from '../printer.js';
import { type OutputStyle, paint, type Tone } from '../terminal.js';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** On a narrow terminal, columns with a number are left out, the highest number first. */
  readonly spare?: number;
  /** On a narrow terminal, the column may be cut to this many characters. */
  readonly least?: number;
}

const GAP = 2;

/**
 * A table with a line of titles that fits the width: it leaves out columns that can be spared, then cuts the longest texts. Nothing is cut
 * in a pipe.
 */
export function renderTable(columns: readonly Column[], foreign: readonly (readonly Cell[])[], style: OutputStyle): string {
  const rows = foreign.map((row) => row.map((cell) => ({ ...cell, text: oneLine(cell.text) })));
  const natural = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => width((row[i] as Cell).text))));
  const shown = shownColumns(columns, natural, style.width);
  const widths = shrink(columns, natural, shown, style.width);
  const line = (cells: readonly Cell[]) =>
    shown
      .map((i, at) => {
        const { text, tone = 'plain' } = cells[i] as Cell;
        const room = widths[i] as number;
        const cut = cutTo(text, room);
        const blanks = ' '.repeat(Math.max(0, room - width(cut)));
        const painted = paint(cut, tone, style);
        if (columns[i]?.align === 'right') return blanks + painted;
        return at === shown.length - 1 ? painted : painted + blanks;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [columns.map(({ title }) => ({ text: title, tone: 'quiet' as const })), ...rows].map((row) => `${line(row)}\n`).join('');
}

function total(widths: readonly number[], shown: readonly number[]): number {
  return shown.reduce((sum, i) => sum + (widths[i] as number), 0) + GAP * Math.max(0, shown.length - 1);
}

function shownColumns(columns: readonly Column[], natural: readonly number[], room: number): readonly number[] {
  let shown = columns.map((_, i) => i);
  const least = natural.map((one, i) => Math.min(one, columns[i]?.least ?? one));
  while (total(least, shown) > room) {
    const spare = shown
      .filter((i) => columns[i]?.spare !== undefined)
      .sort((a, b) => (columns[b]?.spare ?? 0) - (columns[a]?.spare ?? 0))[0];
    if (spare === undefined) break;
    shown = shown.filter((i) => i !== spare);
  }
  return shown;
}

function shrink(columns: readonly Column[], natural: readonly number[], shown: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  const excess = (i: number) => (widths[i] as number) - (columns[i]?.least ?? (widths[i] as number));
  while (total(widths, shown) > room) {
    const widest = [...shown].sort((a, b) => excess(b) - excess(a))[0];
    if (widest === undefined || excess(widest) <= 0) break;
    widths[widest] = (widths[widest] as number) - 1;
  }
  return widths;
}

function width(text: string): number {
  return [...text].length;
}

function cutTo(text: string, room: number): string {
  return width(text) <= room ? text : `${[...text].slice(0, Math.max(0, room - 1)).join('')}…`;
}
