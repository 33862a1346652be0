/** What a person has chosen to see. */
export interface TopState {
  readonly view: TopView;
  /** By which column, and whether the other way round. */
  readonly sort: Readonly<Record<TopView, string>>;
  readonly reversed: boolean;
  readonly filter: string;
  /** Keys go into the filter. */
  readonly typing: boolean;
  /** The key of a row; null is the first. */
  readonly selected: string | null;
  readonly asking: Confirmation | null;
  readonly helping: boolean;
  /** What became of the last command. */
  readonly said: string;
}

export type TopView = 'services' | 'sessions';

/** What is done only after a yes. */
export interface Confirmation {
  readonly text: string;
  readonly action: Action;
}

export type Action =
  | { readonly kind: 'quit' | 'suspend' | 'refresh' | 'redraw' }
  | { readonly kind: 'stop' | 'start'; readonly service: string }
  | { readonly kind: 'kick'; readonly session: number };

/** What stands in the table when a key comes. */
export interface VisibleTable {
  readonly columns: readonly string[];
  readonly rows: readonly ShownRow[];
  /** Rows that fit. */
  readonly page: number;
}

export interface ShownRow {
  readonly key: string;
  /** What `x` would do to it, if anything. */
  readonly question: Confirmation | null;
}

export interface Pressed {
  readonly state: TopState;
  readonly action: Action | null;
}

export const INITIAL: TopState = {
  view: 'services',
  sort: { services: 'SESSIONS', sessions: 'FOR' },
  reversed: false,
  filter: '',
  typing: false,
  selected: null,
  asking: null,
  helping: false,
  said: '',
};

/** What a key does; changes nothing itself. */
export function press(state: TopState, key: string, shown: VisibleTable): Pressed {
  if (key === 'ctrl-c') return { state, action: { kind: 'quit' } };
  if (key === 'ctrl-z') return { state, action: { kind: 'suspend' } };
  if (state.asking !== null) return answer(state, state.asking, key);
  if (state.typing) return only(type(state, key));
  if (state.helping) return only({ ...state, helping: false });
  const calm = { ...state, said: '' };
  const move = MOVES[key];
  if (move !== undefined) return only({ ...calm, selected: moved(state.selected, shown, move) });
  return (KEYS[key] ?? only)(calm, shown);
}

const only = (state: TopState): Pressed => ({ state, action: null });
const act =
  (kind: 'quit' | 'refresh' | 'redraw') =>
  (state: TopState): Pressed => ({ state, action: { kind } });

const MOVES: Readonly<Record<string, (at: number, shown: VisibleTable) => number>> = {
  up: (at) => at - 1,
  down: (at) => at + 1,
  'page-up': (at, { page }) => at - page,
  'page-down': (at, { page }) => at + page,
  home: () => 0,
  end: (_, { rows }) => rows.length - 1,
};

const KEYS: Readonly<Record<string, (state: TopState, shown: VisibleTable) => Pressed>> = {
  q: act('quit'),
  ' ': act('refresh'),
  'ctrl-l': act('redraw'),
  s: (state, { columns }) =>
    only({ ...state, sort: { ...state.sort, [state.view]: after(columns, state.sort[state.view]) }, reversed: false }),
  r: (state) => only({ ...state, reversed: !state.reversed }),
  '/': (state) => only({ ...state, typing: true }),
  escape: (state) => only(state.filter === '' ? { ...state, view: 'services', selected: null } : { ...state, filter: '' }),
  tab: (state) => only({ ...state, view: state.view === 'services' ? 'sessions' : 'services', selected: null, reversed: false }),
  enter: (state, shown) => only(state.view === 'services' ? sessionsOf(state, shown) : state),
  x: ask('services'),
  k: ask('sessions'),
  '?': (state) => only({ ...state, helping: true }),
  h: (state) => only({ ...state, helping: true }),
};

function answer(state: TopState, { action }: Confirmation, key: string): Pressed {
  return { state: { ...state, asking: null }, action: key === 'y' || key === 'Y' ? action : null };
}

function type(state: TopState, key: string): TopState {
  if (key === 'enter') return { ...state, typing: false };
  if (key === 'escape') return { ...state, typing: false, filter: '' };
  if (key === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') };
  return [...key].length === 1 ? { ...state, filter: state.filter + key, selected: null } : state;
}

function ask(view: TopView): (state: TopState, shown: VisibleTable) => Pressed {
  return (state, { rows }) =>
    only(state.view === view ? { ...state, asking: (rows[indexOf(state.selected, rows)] ?? null)?.question ?? null } : state);
}

/** The service of the selected row as the filter: what is seen can be typed, and taken away with escape. */
function sessionsOf(state: TopState, { rows }: VisibleTable): TopState {
  const row = rows[indexOf(state.selected, rows)];
  return { ...state, view: 'sessions', selected: null, reversed: false, filter: row === undefined ? '' : row.key.replace(/ \d+$/, '') };
}

/** Where the selected row is; one that is gone leaves the first selected. */
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
