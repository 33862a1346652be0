import { runLater } from '../guarded.js';
import { trimMemory } from '../os/process.js';

/** By then the garbage of the start or reload is no longer referenced. */
const TRIM_AFTER_MS = 1000;

/**
 * Returns memory to the system after a start or reload. Without this, V8 would keep it although superd now mostly waits. Needs
 * `node --expose-gc`, which the entry script passes.
 */
export function trimMemorySoon(): void {
  runLater(() => {
    globalThis.gc?.();
    try {
      trimMemory();
    } catch {
      // Without /proc superd only stays larger.
    }
  }, TRIM_AFTER_MS).unref();
}
