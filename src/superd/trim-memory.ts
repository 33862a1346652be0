import { trimMemory } from '../os/process.js';

/** Long enough after the start for everything that was only needed for it to be forgotten. */
const TRIM_AFTER_MS = 1000;

/**
 * Gives back what reading the configuration took: superd then mostly waits, and V8 would keep the room for its next use.
 * Needs `node --expose-gc`, which the entry script gives.
 */
export function trimMemorySoon(): void {
  setTimeout(() => {
    globalThis.gc?.();
    try {
      trimMemory();
    } catch {
      // Without /proc it stays larger, and runs as well.
    }
  }, TRIM_AFTER_MS).unref();
}
