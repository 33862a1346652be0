/** What the user has chosen to see. */
export interface TopState {
  readonly view: TopView;
  /** The title of the column that each view is sorted by. */
  readonly sort: Readonly<Record<TopView, string>>;
  readonly reversed: boolean;
  readonly filter: string;
  /** Keys go into the filter. */
  readonly isTyping: boolean;
  /** The key of a row; null for the first. */
  readonly selected: string | null;
  readonly confirmation: Confirmation | null;
  readonly showsHelp: boolean;
  /** The result of the last command. */
  readonly message: string;
}

export type TopView = 'services' | 'sessions';

/** An action that waits for a yes. */
export interface Confirmation {
  readonly text: string;
  readonly action: Action;
}

export type Action =
  | { readonly kind: 'quit' | 'suspend' | 'refresh' | 'redraw' }
  | { readonly kind: 'stop' | 'start'; readonly service: string }
  | { readonly kind: 'kick'; readonly session: number };

/** The table on the screen when a key is pressed. */
export interface VisibleTable {
  readonly columns: readonly string[];
  readonly rows: readonly ShownRow[];
  /** Rows that fit. */
  readonly page: number;
}

export interface ShownRow {
  readonly key: string;
  /** What `x` or `k` asks before it acts on this row; null when it cannot. */
  readonly confirmation: Confirmation | null;
}

export interface KeyResult {
  readonly state: TopState;
  readonly action: Action | null;
}

export const INITIAL: TopState = {
  view: 'services',
  sort: { services: 'SESSIONS', sessions: 'FOR' },
  reversed: false,
  filter: '',
  isTyping: false,
  selected: null,
  confirmation: null,
  showsHelp: false,
  message: '',
};

/** The state after a key, and the action that it asks for. Changes nothing itself. */
export function pressKey(state: TopState, key: string, shown: VisibleTable): KeyResult {
  if (key === 'ctrl-c') return { state, action: { kind: 'quit' } };
  if (key === 'ctrl-z') return { state, action: { kind: 'suspend' } };
  if (state.confirmation !== null) return answer(state, state.confirmation, key);
  if (state.isTyping) return only(type(state, key));
  if (state.showsHelp) return only({ ...state, showsHelp: false });
  const cleared = { ...state, message: '' };
  const move = MOVES[key];
  if (move !== undefined) return only({ ...cleared, selected: moved(state.selected, shown, move) });
  return (KEYS[key] ?? only)(cleared, shown);
}

const only = (state: TopState): KeyResult => ({ state, action: null });
const act =
  (kind: 'quit' | 'refresh' | 'redraw') =>
  (state: TopState): KeyResult => ({ state, action: { kind } });

const MOVES: Readonly<Record<string, (at: number, shown: VisibleTable) => number>> = {
  up: (at) => at - 1,
  down: (at) => at + 1,
  'page-up': (at, { page }) => at - page,
  'page-down': (at, { page }) => at + page,
  home: () => 0,
  end: (_, { rows }) => rows.length - 1,
};

const KEYS: Readonly<Record<string, (state: TopState, shown: VisibleTable) => KeyResult>> = {
  q: act('quit'),
  ' ': act('refresh'),
  'ctrl-l': act('redraw'),
  s: (state, { columns }) =>
    only({ ...state, sort: { ...state.sort, [state.view]: after(columns, state.sort[state.view]) }, reversed: false }),
  r: (state) => only({ ...state, reversed: !state.reversed }),
  '/': (state) => only({ ...state, isTyping: true }),
  escape: (state) => only(state.filter === '' ? { ...state, view: 'services', selected: null } : { ...state, filter: '' }),
  tab: (state) => only({ ...state, view: state.view === 'services' ? 'sessions' : 'services', selected: null, reversed: false }),
  enter: (state, shown) => only(state.view === 'services' ? sessionsOf(state, shown) : state),
  x: confirm('services'),
  k: confirm('sessions'),
  '?': (state) => only({ ...state, showsHelp: true }),
  h: (state) => only({ ...state, showsHelp: true }),
};

function answer(state: TopState, { action }: Confirmation, key: string): KeyResult {
  return { state: { ...state, confirmation: null }, action: key === 'y' || key === 'Y' ? action : null };
}

function type(state: TopState, key: string): TopState {
  if (key === 'enter') return { ...state, isTyping: false };
  if (key === 'escape') return { ...state, isTyping: false, filter: '' };
  if (key === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') };
  return [...key].length === 1 ? { ...state, filter: state.filter + key, selected: null } : state;
}

function confirm(view: TopView): (state: TopState, shown: VisibleTable) => KeyResult {
  return (state, { rows }) =>
    only(state.view === view ? { ...state, confirmation: rows[indexOf(state.selected, rows)]?.confirmation ?? null } : state);
}

/** The sessions of the selected service: its id becomes the filter, which Escape clears. */
function sessionsOf(state: TopState, { rows }: VisibleTable): TopState {
  const row = rows[indexOf(state.selected, rows)];
  return { ...state, view: 'sessions', selected: null, reversed: false, filter: row === undefined ? '' : row.key.replace(/ \d+$/, '') };
}

/** The index of the selected row; 0 when it is gone. */
export function indexOf(selected: string | null, rows: readonly { readonly key: string }[]): number {
  return Math.max(
    0,
    rows.findIndex(({ key }) => key === selected),
  );
}

function moved(selected: string | null, shown: VisibleTable, move: (at: number, shown: VisibleTable) => number): string | null {
  const { rows } = shown;
  const to = Math.min(Math.max(0, move(indexOf(selected, rows), shown)), rows.length - 1);
  return rows[to]?.key ?? null;
}

function after(columns: readonly string[], column: string): string {
  return columns[(columns.indexOf(column) + 1) % columns.length] as string;
}
