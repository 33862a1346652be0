import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, onTestFailed, onTestFinished } from 'vitest';

type Cleanup = () => unknown;

const scopes = new AsyncLocalStorage<Cleanup[]>();

/** Runs a cleanup when the test ends, or the innermost `inScope` or `shared` around the call. Cleanups run in reverse order. */
export function atEnd(cleanup: Cleanup): void {
  const scope = scopes.getStore();
  if (scope === undefined) onTestFinished(async () => void (await cleanup()));
  else scope.push(cleanup);
}

/** Runs an action when the test fails. Inside `inScope` and `shared` it never runs, because no single test is theirs. */
export function onFailure(action: () => void): void {
  if (scopes.getStore() === undefined) onTestFailed(action);
}

/**
 * Runs a body whose connections, directories and programs end with it rather than with the test. Use it where one test runs several such
 * bodies, or where tests run concurrently: the runner's hooks cannot tell concurrent tests apart.
 *
 * @example const [one, other] = await Promise.all([inScope(() => play(xinetd)), inScope(() => play(superd))])
 */
export async function inScope<T>(body: () => Promise<T>): Promise<T> {
  const cleanups: Cleanup[] = [];
  try {
    return await scopes.run(cleanups, body);
  } finally {
    await runAll(cleanups);
  }
}

/**
 * Makes what all tests of a suite share, before the first of them, and ends it after the last.
 *
 * @returns A function that gives it to a test.
 * @example const daemon = shared(() => startDaemon({ config }))
 */
export function shared<T>(make: () => Promise<T>): () => T {
  const cleanups: Cleanup[] = [];
  let made: { readonly value: T } | null = null;
  beforeAll(async () => {
    made = { value: await scopes.run(cleanups, make) };
  });
  afterAll(() => runAll(cleanups));
  return () => {
    if (made === null) throw new Error('asked for before the tests of its suite began');
    return made.value;
  };
}

/** Runs every cleanup, also after one that fails, and then fails with the first error. */
async function runAll(cleanups: Cleanup[]): Promise<void> {
  const errors: unknown[] = [];
  for (const cleanup of cleanups.splice(0).reverse()) {
    try {
      await cleanup();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
