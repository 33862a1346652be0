import { waitFor, within } from '../support/wait-for.js';
import type { Request } from './steps.js';
import type { World } from './world.js';

/** What steps show when nothing has happened. */
const NOTHING: ReadonlySet<string> = new Set(['nothing', '""', 'goes on']);

/**
 * Waits for a condition. With `within 2` what did not happen in that many seconds is seen as such; without it, it is a failure. What this
 * daemon is recorded to do may take longer: busy machines are slow.
 *
 * @param happens Whether the recorded lines tell that it happens.
 */
export async function patiently(
  request: Request,
  what: string,
  world: World,
  condition: () => boolean | Promise<boolean>,
  happens = somethingHappens,
): Promise<void> {
  const waiting = waitFor(what, condition, { evidence: () => world.account(), ...patience(request, world, happens) });
  await (request.options.has('within') ? waiting.catch(() => undefined) : waiting);
}

/** Likewise for a promise; null if it did not come to its end. */
export async function patientlyFor<T>(request: Request, what: string, world: World, promise: Promise<T>): Promise<T | null> {
  const { timeoutMs } = patience(request, world, somethingHappens);
  const waiting = within(what, promise, timeoutMs);
  return request.options.has('within') ? waiting.catch(() => null) : waiting;
}

/** How long what is seen may take to become what is recorded. */
const SETTLED_MS = 10_000;

/** What is seen, which comes in parts: when it is what this daemon is recorded to show, or does not become so. Nothing is recorded of new steps. */
export async function settled(world: World, look: () => readonly string[]): Promise<readonly string[]> {
  if (world.recorded.length === 0) return look();
  const isRecorded = () =>
    look()
      .map((line) => world.mask(line))
      .join('\n') === world.recorded.join('\n');
  await waitFor('what is recorded', isRecorded, { timeoutMs: SETTLED_MS }).catch(() => undefined);
  return look();
}

const somethingHappens = (recorded: readonly string[]) => recorded.some((line) => !NOTHING.has(line));

function patience(request: Request, world: World, happens: typeof somethingHappens): { timeoutMs?: number } {
  const seconds = request.options.get('within');
  return seconds === undefined || happens(world.recorded) ? {} : { timeoutMs: Number(seconds) * 1_000 };
}
