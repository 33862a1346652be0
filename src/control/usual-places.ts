type Environment = Readonly<Partial<Record<string, string>>>;

/** The XDG Base Directory Specification tells programs to ignore relative paths. */
const absolute = (path: string | undefined): string | null => (path?.startsWith('/') === true ? path : null);

const isRoot = () => process.geteuid?.() === 0;

/** The state directory of a superd without `--state`; null where there is none. */
export function usualStateDirectory({ XDG_STATE_HOME, HOME }: Environment): string | null {
  if (isRoot()) return '/var/lib/superd';
  const [state, home] = [absolute(XDG_STATE_HOME), absolute(HOME)];
  if (state !== null) return `${state}/superd`;
  return home === null ? null : `${home}/.local/state/superd`;
}

/**
 * The control socket of a superd without `--control`: for root the machine's; otherwise in $XDG_RUNTIME_DIR or, where that is not set, as in
 * many containers, in the state directory.
 *
 * @param state The state directory; null without one.
 * @returns null when there is no place for it.
 */
export function usualControlSocket({ XDG_RUNTIME_DIR }: Environment, state: string | null): string | null {
  if (isRoot()) return MACHINE_SOCKET;
  const runtime = absolute(XDG_RUNTIME_DIR);
  if (runtime !== null) return `${runtime}/superd/control.sock`;
  return state === null ? null : `${state}/control.sock`;
}

/** Where superctl looks for a superd, in this order: the user's own ones come first. */
export function usualControlSockets(environment: Environment): readonly string[] {
  const runtime = absolute(environment['XDG_RUNTIME_DIR']);
  const state = usualStateDirectory(environment);
  const own = runtime === null ? [] : [`${runtime}/superd/control.sock`];
  return isRoot() || state === null ? [...own, MACHINE_SOCKET] : [...own, `${state}/control.sock`, MACHINE_SOCKET];
}

/** The socket of the machine's superd. */
export const MACHINE_SOCKET = '/run/superd/control.sock';
