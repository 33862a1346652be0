import { execve } from '../os/process.js';

/** Carries the number of crashes in a row, and the time of the last, from one life of superd to the next. */
const MARK = 'SUPERD_CRASHES';

/** A life this long ends a row of crashes. */
const CALM_MS = 60_000;

/** After so many crashes in a row superd ends, and leaves the next start to its supervisor. */
const MOST_CRASHES = 5;

/** Exit status of an InternalError. */
const INTERNAL = 101;

/** Crashes in a row, up to now. */
export interface Crashes {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

/** Reads what the life before has left in the environment, and removes it. */
export function takeCrashes(environment: Record<string, string | undefined>): Crashes {
  const [count = 0, lastAt = 0] = (environment[MARK] ?? '').split(' ').map(Number);
  delete environment[MARK];
  return Number.isInteger(count) && Number.isFinite(lastAt) ? { count, lastAt } : { count: 0, lastAt: 0 };
}

export interface LastResortOptions {
  readonly crashes: Crashes;
  /** Working directory and environment of the start: relative paths of the command line hold again. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the service manager has given superd sockets, which only a new start by the manager brings back. */
  readonly hasPassedSockets: boolean;
  /** Reports the error with its stack. */
  readonly report: (error: unknown) => void;
  /** Writes what must not be lost. */
  readonly flush: () => void;
}

/**
 * For an exception that no guard has caught, from which superd cannot go on: it reports the error, writes its state and executes itself anew.
 * The process stays the same, so that no supervisor notices, a container lives on, and daemons run on and are adopted as after kill -9.
 *
 * superd exits with status 101 instead after five crashes in a row, less than a minute apart, or when only its service manager has its sockets.
 */
export function installLastResort(options: LastResortOptions): void {
  let isEnding = false;
  const lastResort = (error: unknown) => {
    // An error of the steps below.
    if (isEnding) process.exit(INTERNAL);
    isEnding = true;
    for (const step of [() => options.report(error), options.flush]) attempt(step);
    const crashes = next(options.crashes);
    if (!options.hasPassedSockets && crashes.count <= MOST_CRASHES) attempt(() => restart(options, crashes));
    process.exit(INTERNAL);
  };
  process.on('uncaughtException', lastResort);
  process.on('unhandledRejection', lastResort);
}

function next({ count, lastAt }: Crashes): Crashes {
  const now = Date.now();
  const isInRow = now >= lastAt && now - lastAt < CALM_MS;
  return { count: isInRow ? count + 1 : 1, lastAt: now };
}

function restart({ directory, environment }: LastResortOptions, { count, lastAt }: Crashes): void {
  const variables = Object.entries({ ...environment, [MARK]: `${count} ${lastAt}` });
  const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.chdir(directory);
  execve(
    process.execPath,
    argv,
    variables.map(([name, value]) => `${name}=${value ?? ''}`),
  );
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // Nothing is left to report it to.
  }
}
