import { AsyncLocalStorage } from 'node:async_hooks';
import { onTestFinished } from 'vitest';

type Cleanup = () => unknown;

const scopes = new AsyncLocalStorage<Cleanup[]>();

/** Does something when the test ends, or the innermost `inScope` that it was asked in; the last asked for is done first. */
export function atEnd(cleanup: Cleanup): void {
  const scope = scopes.getStore();
  if (scope === undefined) onTestFinished(async () => void (await cleanup()));
  else scope.push(cleanup);
}

/**
 * Runs a body whose connections, directories and programs end with it, not with the test: several may then run in one test, or several
 * tests at the same time, which hooks of the runner cannot tell apart.
 *
 * @example const [one, other] = await Promise.all([inScope(() => play(xinetd)), inScope(() => play(superd))])
 */
export async function inScope<T>(body: () => Promise<T>): Promise<T> {
  const cleanups: Cleanup[] = [];
  try {
    return await scopes.run(cleanups, body);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}
