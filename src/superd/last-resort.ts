import { execve } from '../os/process.js';

/** Passes the number of crashes in a row, and the time of the last, through the environment to the next execution of superd. */
const MARK = 'SUPERD_CRASHES';

/** After running this long, superd starts to count crashes from 0. */
const CALM_MS = 60_000;

/** After so many crashes in a row superd exits, so that its supervisor starts it again. */
const MOST_CRASHES = 5;

/** Exit status of an InternalError. */
const INTERNAL = 101;

/** Crashes in a row, up to now. */
export interface Crashes {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

/** Reads what the previous execution has left in the environment, and removes it. */
export function takeCrashes(environment: Record<string, string | undefined>): Crashes {
  const [count = 0, lastAt = 0] = (environment[MARK] ?? '').split(' ').map(Number);
  delete environment[MARK];
  return Number.isInteger(count) && Number.isFinite(lastAt) ? { count, lastAt } : { count: 0, lastAt: 0 };
}

export interface LastResortOptions {
  readonly crashes: Crashes;
  /** Working directory and environment of the start, so that relative paths of the command line are valid again. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the service manager has passed superd sockets, which only the manager can pass again. */
  readonly hasPassedSockets: boolean;
  /** Reports the error with its stack. */
  readonly report: (error: unknown) => void;
  /** Writes the state and the logs. */
  readonly flush: () => void;
}

/**
 * For an exception that no guard has caught: superd reports it, writes its state and executes itself again. The process stays the same, so
 * supervisors and containers do not see an end; daemons keep running, and superd adopts them as after kill -9.
 *
 * superd exits with status 101 instead after five crashes in a row, less than a minute apart, or when its service manager has passed it sockets.
 */
export function installLastResort(options: LastResortOptions): void {
  let isEnding = false;
  const lastResort = (error: unknown) => {
    // One of the steps below has thrown.
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
    // The log itself has failed, so the error cannot be reported.
  }
}
