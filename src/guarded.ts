/**
 * Everything that superd does later runs through here: timers, microtasks, background work, and callbacks of Node and of the addon.
 *
 * An exception ends only the work that threw it, and is reported with its stack; periodic work runs again at its next time.
 * `scripts/guarded.mjs` rejects bare timers, microtasks and unawaited promises elsewhere.
 */

/** superd reports the same error again only after so long, with the number of times in between. */
const REPORT_AGAIN_MS = 60_000;

/** How many different errors superd remembers. */
const MOST_REMEMBERED = 100;

interface Remembered {
  readonly at: number;
  silent: number;
}

const remembered = new Map<string, Remembered>();
let report: (text: string) => void = writeToStandardError;
let isReporting = false;

/** Sets the receiver of reports about unexpected errors. */
export function reportErrorsTo(sink: (text: string) => void): void {
  report = sink;
}

/** Reports an error that nothing else handles, once a minute at most. Never throws. */
export function reportError(error: unknown): void {
  const text = describeError(error);
  const now = Date.now();
  const known = remembered.get(text);
  if (known !== undefined && now >= known.at && now - known.at < REPORT_AGAIN_MS) {
    known.silent++;
    return;
  }
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(text, { at: now, silent: 0 });
  const times = known === undefined || known.silent === 0 ? '' : ` (${known.silent} more times since the last report)`;
  say(`internal error: ${text}${times}`);
}

/** When the report itself fails, the text goes to standard error. */
function say(text: string): void {
  if (isReporting) {
    writeToStandardError(text);
    return;
  }
  isReporting = true;
  try {
    report(text);
  } catch (error) {
    writeToStandardError(`${text}\n${describeError(error)}`);
  } finally {
    isReporting = false;
  }
}

/** @example describeError('a text') // 'a text' */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Node's stream for standard error would throw when its reader has gone. */
function writeToStandardError(text: string): void {
  const { stderr } = process;
  if (stderr.writable) stderr.write(`superd: ${text}\n`);
}

/** Calls a function; reports what it throws, or what its promise rejects with. */
function run(work: () => unknown): void {
  try {
    const result = work();
    if (result instanceof Promise) result.catch(reportError);
  } catch (error) {
    reportError(error);
  }
}

/**
 * Makes a callback that never throws, for Node and for the addon.
 *
 * @example guard(() => 1)() // undefined
 */
export function guard<Arguments extends readonly unknown[]>(work: (...given: Arguments) => unknown): (...given: Arguments) => void {
  return (...given) => run(() => work(...given));
}

/** Adds a listener for a signal; returns a function that removes it. */
export function onSignal(signal: NodeJS.Signals, work: () => unknown): () => void {
  const listener = guard(work);
  process.on(signal, listener);
  return () => {
    process.off(signal, listener);
  };
}

/** setTimeout */
export function runLater(work: () => unknown, milliseconds: number): NodeJS.Timeout {
  return setTimeout(run, milliseconds, work);
}

/** setInterval: goes on after an error. */
export function runEvery(work: () => unknown, milliseconds: number): NodeJS.Timeout {
  return setInterval(run, milliseconds, work);
}

/** setImmediate: in the next turn of the event loop. */
export function runSoon(work: () => unknown): NodeJS.Immediate {
  return setImmediate(run, work);
}

/** queueMicrotask: at the end of the present turn. */
export function runNext(work: () => unknown): void {
  queueMicrotask(() => run(work));
}

/** Goes on with other work while a promise is pending; reports its rejection. */
export function inBackground(work: Promise<unknown>): void {
  work.catch(reportError);
}

/** Resolves after so long. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
