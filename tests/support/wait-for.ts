/** How long a condition may take before the test gives up. Far above what it needs on an idle machine: busy machines need it. */
export const PATIENCE_MS = 60_000;
const INTERVAL_MS = 15;

/**
 * Waits until a condition holds, and returns what the probe returned.
 *
 * @param what Names the condition in the failure message.
 * @param probe Called repeatedly; any result but false, null and undefined ends the wait.
 * @param evidence Adds to the failure message.
 * @example const pid = await waitFor('the pidfile', () => readPid(path))
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = PATIENCE_MS, evidence = () => '' }: { timeoutMs?: number; evidence?: () => string } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== false && value !== null && value !== undefined) return value as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}\n${evidence()}`);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

/** The promise, or a failure that names what did not happen in time. */
export async function within<T>(what: string, promise: Promise<T>, timeoutMs: number = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`)), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
