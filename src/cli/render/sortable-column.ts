import type { Cell, Column } from './table.js';

/** A column by which rows can be sorted: texts from a to z, numbers from the highest. */
export interface SortableColumn<R> extends Column {
  readonly cell: (row: R, now: number) => Cell;
  readonly sortKey: (row: R, now: number) => string | number;
}

/** A column of numbers; `-` for null, which sorts last. Zeros are painted quietly. */
export function numeric<R>(
  title: string,
  pick: (row: R, now: number) => number | null,
  format: (value: number) => string = String,
): SortableColumn<R> {
  return {
    title,
    align: 'right',
    cell: (row, now) => {
      const value = pick(row, now);
      const text = value === null ? '-' : format(value);
      return { text, tone: text === '0' || text === '0.0' || text === '-' ? 'quiet' : 'plain' };
    },
    sortKey: (row, now) => pick(row, now) ?? -1,
  };
}

/** Rows in the order of a column, equal ones in their present order. */
export function sortRows<R>(rows: readonly R[], column: SortableColumn<R>, now: number): R[] {
  return rows
    .map((row) => ({ row, key: column.sortKey(row, now) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ row }) => row);
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  return a < b ? -1 : a > b ? 1 : 0;
}
