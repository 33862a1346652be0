import type { Result } from '../../control/protocol.js';
import type { SessionFacts } from '../../control/shared-schemas.js';
import { forOutput, ownSequence } from '../printer.js';
import { clientOf, sessionColumns } from '../render/sessions.js';
import { type SortableColumn, sortRows } from '../render/sortable-column.js';
import { type Cell, type Column, renderTable } from '../render/table.js';
import type { OutputStyle } from '../terminal.js';
import { serviceColumns } from './columns.js';
import { type History, latest, type ServiceRow, serviceRows } from './figures.js';
import { cutPainted, fillTo, headerLines, lineOf, type TextPiece } from './header.js';
import { type Confirmation, indexOf, type ShownRow, type TopState, type VisibleTable } from './state.js';

/** The data that top shows. */
export interface TopData {
  readonly history: History;
  /** null until the view of sessions is open. */
  readonly sessions: Result<'sessions'> | null;
  /** Why there is nothing newer; empty when all is well. */
  readonly problem: string;
}

export interface FrameSize extends OutputStyle {
  readonly height: number;
}

/** The content of the screen, and the table in it that keys act on. */
export interface Frame {
  readonly lines: readonly string[];
  readonly shown: VisibleTable;
}

/** A terminal with fewer lines gets a header of one line. */
const LOW = 12;

/** Reverse video, and its end. */
const REVERSE = ownSequence('\x1b[7m');
const PLAIN = ownSequence('\x1b[0m');

/** Lines below the table: a message, and the keys. */
const FOOTER = 2;

const HELP = [
  'up down PgUp PgDn Home End   move          Tab     services or sessions',
  's   sort by the next column                Enter   sessions of the service',
  'r   reverse the order                      Esc     clear the filter; back',
  '/   filter by a text                       Space   update now',
  'x   stop a service, or start it again      k       kick a session',
  'q   quit                                   ^Z      suspend',
  '',
  'Rates cover the last seconds, delays the last minute.',
];

/** The frame for a state and data: never wider or higher than the terminal. */
export function renderFrame(state: TopState, data: TopData, size: FrameSize): Frame {
  const header = headerLines(data.history, size).slice(0, size.height < LOW ? 1 : undefined);
  const page = Math.max(1, size.height - header.length - FOOTER - 1);
  const { columns, rows, cells } = tableOf(state, data);
  const selected = indexOf(state.selected, rows);
  const first = Math.floor(selected / page) * page;
  const titled = columns.map((column) => titleOf(column, state));
  const table = renderTable(titled, cells(first, first + page), size)
    .trimEnd()
    .split('\n')
    .map((line) => cutPainted(line, size));
  const body = state.showsHelp ? HELP.map((text) => lineOf([{ text }], size)) : highlight(table, selected - first, rows.length, size);
  const room = Math.max(0, size.height - header.length - FOOTER);
  const footer = [lineOf(messageLine(state, data, rows[selected]?.about ?? [], rows.length), size), keysLine(state, size)];
  const lines = [...header, ...fillTo(room, body), ...footer];
  return {
    lines: lines.slice(0, Math.max(1, size.height)).map(forOutput),
    shown: { columns: columns.map(({ title }) => title), rows, page },
  };
}

/** The header and all services as plain text. */
export function snapshot(data: TopData, style: OutputStyle): string {
  const { now } = latest(data.history);
  const cells = serviceRows(data.history).map((row) => serviceColumns.map((column) => column.cell(row, now)));
  return `${headerLines(data.history, style).join('\n').trimEnd()}\n\n${renderTable(serviceColumns, cells, style)}`;
}

interface SortedTable {
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  readonly cells: (from: number, to: number) => Cell[][];
}

interface TableRow extends ShownRow {
  /** Details that its row has no room for. */
  readonly about: readonly TextPiece[];
}

function tableOf(state: TopState, { history, sessions }: TopData): SortedTable {
  const { now } = latest(history);
  if (state.view === 'services')
    return sortedTable(
      serviceColumns,
      serviceRows(history).filter(({ service: { unit } }) => matches(state.filter, `${unit.id} ${unit.state} ${unit.endpoint}`)),
      (row) => ({ key: row.key, confirmation: confirmSwitch(row), about: aboutService(row) }),
      state,
      now,
    );
  return sortedTable(
    sessionColumns,
    (sessions?.sessions ?? []).filter((one) => matches(state.filter, `${one.id} ${one.service} ${clientOf(one)}`)),
    (one) => ({ key: String(one.id), confirmation: confirmKick(one), about: [] }),
    state,
    sessions?.now ?? now,
  );
}

function sortedTable<R>(
  columns: readonly SortableColumn<R>[],
  rows: readonly R[],
  describe: (row: R) => TableRow,
  { sort, view, reversed }: TopState,
  now: number,
): SortedTable {
  const column = columns.find(({ title }) => title === sort[view]) as SortableColumn<R>;
  const sorted = sortRows(rows, column, now);
  if (reversed) sorted.reverse();
  return {
    columns,
    rows: sorted.map(describe),
    cells: (start, end) => sorted.slice(start, end).map((row) => columns.map(({ cell }) => cell(row, now))),
  };
}

const matches = (filter: string, text: string): boolean => text.toLowerCase().includes(filter.toLowerCase());

/** None for a service named `all`: the verbs would take that for every service. */
function confirmSwitch({ service: { unit } }: ServiceRow): Confirmation | null {
  if (unit.id === 'all') return null;
  const kind = unit.state === 'stopped' || unit.state === 'failed' ? 'start' : 'stop';
  const sessions = kind === 'stop' && unit.sessions > 0 ? `, and end its sessions (${unit.sessions})` : '';
  return { text: `${kind} ${unit.id}${sessions}?`, action: { kind, service: unit.id } };
}

function confirmKick(one: SessionFacts): Confirmation {
  return {
    text: `kick session ${one.id} of ${one.service}, ${clientOf(one)}?`,
    action: { kind: 'kick', session: one.id },
  };
}

function titleOf<C extends Column>(column: C, { sort, view, reversed }: TopState): C {
  return column.title === sort[view] ? { ...column, title: `${column.title}${reversed ? '▴' : '▾'}` } : column;
}

/** Shows the selected row in reverse video, with and without colours. */
function highlight(lines: readonly string[], selected: number, count: number, size: FrameSize): string[] {
  if (count === 0) return [...lines.slice(0, 1), lineOf([{ text: 'nothing', tone: 'quiet' }], size)];
  return lines.map((line, i) => (i === selected + 1 ? `${REVERSE}${line}${PLAIN}` : line));
}

function aboutService({ service: { unit, refusals } }: ServiceRow): TextPiece[] {
  const reasons = Object.entries(refusals).map(([reason, count]) => `   ${reason} ${count}`);
  const where: TextPiece =
    unit.problem === '' ? { text: unit.endpoint || unit.activation, tone: 'quiet' } : { text: unit.problem, tone: 'bad' };
  return [{ text: `${unit.id}: `, tone: 'quiet' }, where, { text: reasons.join(''), tone: 'quiet' }];
}

/** The most urgent message. */
function messageLine(state: TopState, { problem }: TopData, about: readonly TextPiece[], count: number): readonly TextPiece[] {
  if (state.confirmation !== null) return [{ text: `${state.confirmation.text} y/n`, tone: 'busy' }];
  if (state.isTyping) return [{ text: `/${state.filter}_`, tone: 'busy' }];
  if (problem !== '') return [{ text: problem, tone: 'bad' }];
  if (state.message !== '') return [{ text: state.message, tone: 'busy' }];
  if (state.filter !== '') return [{ text: `${count} ${state.view} with "${state.filter}"`, tone: 'quiet' }];
  return about;
}

function keysLine({ view, showsHelp }: TopState, size: FrameSize): string {
  if (showsHelp) return lineOf([{ text: 'any key goes back', tone: 'quiet' }], size);
  const [keys, other] = view === 'services' ? ['x stop/start', 'sessions'] : ['k kick  Esc back', 'services'];
  return lineOf([{ text: `q quit  ? help  s sort  r reverse  / filter  Tab ${other}  ${keys}`, tone: 'quiet' }], size);
}
