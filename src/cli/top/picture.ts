import type { Result } from '../../control/protocol.js';
import type { SessionFacts, UnitFacts } from '../../control/shared-schemas.js';
import { type Column, renderTable } from '../render/table.js';
import { type OutputStyle, withoutControls } from '../terminal.js';
import { from, type SortableColumn, serviceColumns, sessionColumns, sorted } from './columns.js';
import { type History, latest, type ServiceRow, serviceRows } from './figures.js';
import { cutPainted, fillTo, headLines, lineOf, type TextPiece } from './head.js';
import { type Confirmation, indexOf, type TopState, type VisibleTable } from './state.js';

/** What is known of superd. */
export interface Data {
  readonly history: History;
  /** null as long as nobody looks at them. */
  readonly sessions: Result<'sessions'> | null;
  /** Why there is nothing newer; empty when all is well. */
  readonly trouble: string;
}

/** A terminal: how it may look, and how high it is. */
export interface Size extends OutputStyle {
  readonly height: number;
}

/** All that is on the screen, and what of it keys can move in. */
export interface Picture {
  readonly lines: readonly string[];
  readonly shown: VisibleTable;
}

/** Lines below which the figures above the table are one line only. */
const LOW = 12;

/** What stands below the table: what is said, and the keys. */
const FOOT = 2;

const HELP = [
  'up down PgUp PgDn Home End   move          Tab     services or sessions',
  's   sort by the next column                Enter   sessions of the service',
  'r   the other way round                    Esc     without filter; back',
  '/   show only what contains a text         Space   look again now',
  'x   stop a service, or start it again      k       kick a session',
  'q   quit                                   ^Z      suspend',
  '',
  'Rates are those of the last seconds, delays those of the last minute.',
];

/** State and data as lines, none wider and all no more than the terminal has room for. */
export function picture(state: TopState, data: Data, size: Size): Picture {
  const head = headLines(data.history, size).slice(0, size.height < LOW ? 1 : undefined);
  const page = Math.max(1, size.height - head.length - FOOT - 1);
  const { columns, keys, cells } = tableOf(state, data);
  const rows = keys.map(({ key }) => ({ key }));
  const at = indexOf(state.selected, rows);
  const first = Math.floor(at / page) * page;
  const titled = columns.map((column) => titleOf(column, state));
  const table = renderTable(titled, cells(first, first + page), size)
    .trimEnd()
    .split('\n')
    .map((line) => cutPainted(line, size));
  const body = state.helping ? HELP.map((line) => lineOf([{ text: line }], size)) : mark(table, at - first, rows.length, size);
  const room = Math.max(0, size.height - head.length - FOOT);
  const foot = [lineOf(said(state, data, keys[at]?.about ?? [], rows.length), size), keysLine(state, size)];
  const lines = [...head, ...fillTo(room, body), ...foot];
  return {
    lines: lines.slice(0, Math.max(1, size.height)),
    shown: { columns: columns.map(({ title }) => title), rows: keys, page },
  };
}

/** The same once, for whoever reads no terminal. */
export function snapshot(data: Data, style: OutputStyle): string {
  const rows = serviceRows(data.history);
  const { now } = latest(data.history);
  const table = renderTable(
    serviceColumns,
    rows.map((row) => serviceColumns.map((column) => column.cell(row, now))),
    style,
  );
  return `${headLines(data.history, style).join('\n').trimEnd()}\n\n${table}`;
}

interface ServiceTable {
  readonly columns: readonly (Column & { readonly title: string })[];
  readonly keys: readonly { readonly key: string; readonly question: Confirmation | null; readonly about: readonly TextPiece[] }[];
  readonly cells: (from: number, to: number) => ReturnType<SortableColumn<unknown>['cell']>[][];
}

function tableOf(state: TopState, { history, sessions }: Data): ServiceTable {
  const { now } = latest(history);
  if (state.view === 'services')
    return table(
      serviceColumns,
      serviceRows(history).filter(({ service: { unit } }) => matches(state.filter, `${unit.id} ${unit.state} ${unit.endpoint}`)),
      (row) => ({ key: row.key, question: stopQuestion(row), about: aboutService(row) }),
      state,
      now,
    );
  return table(
    sessionColumns,
    (sessions?.sessions ?? []).filter((one) => matches(state.filter, `${one.id} ${one.service} ${from(one)}`)),
    (one) => ({ key: String(one.id), question: kickQuestion(one), about: [] }),
    state,
    sessions?.now ?? now,
  );
}

function table<R>(
  columns: readonly SortableColumn<R>[],
  rows: readonly R[],
  keyOf: (row: R) => ServiceTable['keys'][number],
  { sort, view, reversed }: TopState,
  now: number,
): ServiceTable {
  const column = columns.find(({ title }) => title === sort[view]);
  const ordered = sorted(rows, column, reversed ? 'reversed' : 'as it is', now);
  return {
    columns,
    keys: ordered.map(keyOf),
    cells: (start, end) => ordered.slice(start, end).map((row) => columns.map(({ cell }) => cell(row, now))),
  };
}

const matches = (filter: string, text: string): boolean => text.toLowerCase().includes(filter.toLowerCase());

/** States in which the key `x` starts a service. */
const AT_REST: ReadonlySet<UnitFacts['state']> = new Set(['stopped', 'exited', 'failed', 'crash-looping']);

/** `all` means every service wherever it is written. */
function stopQuestion({ service: { unit } }: ServiceRow): Confirmation | null {
  if (unit.id === 'all') return null;
  const kind = AT_REST.has(unit.state) ? 'start' : 'stop';
  const sessions = kind === 'stop' && unit.sessions > 0 ? `, and end its sessions (${unit.sessions})` : '';
  return { text: `${kind} ${withoutControls(unit.id)}${sessions}?`, action: { kind, service: unit.id } };
}

function kickQuestion(one: SessionFacts): Confirmation {
  return {
    text: `kick session ${one.id} of ${withoutControls(one.service)}, ${withoutControls(from(one))}?`,
    action: { kind: 'kick', session: one.id },
  };
}

function titleOf<C extends Column>(column: C, { sort, view, reversed }: TopState): C {
  return column.title === sort[view] ? { ...column, title: `${column.title}${reversed ? '▴' : '▾'}` } : column;
}

/** The selected row stands out, with and without colours. */
function mark(lines: readonly string[], selected: number, count: number, size: Size): string[] {
  if (count === 0) return [...lines.slice(0, 1), lineOf([{ text: 'nothing', tone: 'quiet' }], size)];
  return lines.map((line, i) => (i === selected + 1 ? `\x1b[7m${line}\x1b[0m` : line));
}

/** What there is no room for in its row. */
function aboutService({ service: { unit, refusals } }: ServiceRow): TextPiece[] {
  const reasons = Object.entries(refusals).map(([reason, count]) => `   ${reason} ${count}`);
  const where: TextPiece =
    unit.problem === ''
      ? { text: withoutControls(unit.endpoint || unit.activation), tone: 'quiet' }
      : { text: withoutControls(unit.problem), tone: 'bad' };
  return [{ text: `${withoutControls(unit.id)}: `, tone: 'quiet' }, where, { text: reasons.join(''), tone: 'quiet' }];
}

/** The most urgent there is to say. */
function said(state: TopState, { trouble }: Data, about: readonly TextPiece[], count: number): readonly TextPiece[] {
  if (state.asking !== null) return [{ text: `${state.asking.text} y/n`, tone: 'busy' }];
  if (state.typing) return [{ text: `/${withoutControls(state.filter)}_`, tone: 'busy' }];
  if (trouble !== '') return [{ text: withoutControls(trouble), tone: 'bad' }];
  if (state.said !== '') return [{ text: withoutControls(state.said), tone: 'busy' }];
  if (state.filter !== '') return [{ text: `${count} ${state.view} with "${withoutControls(state.filter)}"`, tone: 'quiet' }];
  return about;
}

function keysLine({ view, helping }: TopState, size: Size): string {
  if (helping) return lineOf([{ text: 'any key goes back', tone: 'quiet' }], size);
  const keys = view === 'services' ? 'x stop/start' : 'k kick  Esc back';
  return lineOf([{ text: `q quit  ? help  s sort  r reverse  / filter  Tab ${other(view)}  ${keys}`, tone: 'quiet' }], size);
}

const other = (view: TopState['view']) => (view === 'services' ? 'sessions' : 'services');
