import type { CommandContext } from './command.js';
import { ownSequence } from './printer.js';

const PATIENCE_MS = 400;
const UPDATE_MS = 1000;

const CLEAR_LINE = ownSequence('\r\x1b[K');

/** Awaits the work; when it takes a while, a terminal shows a line that counts the seconds and disappears at the end. */
export async function withProgress<T>({ io, note }: CommandContext, what: string, work: Promise<T>): Promise<T> {
  if (io.errorScreen.isTTY !== true) return work;
  const began = performance.now();
  let updates: NodeJS.Timeout | undefined;
  const show = () => note(`${CLEAR_LINE}${what} … ${Math.round((performance.now() - began) / 1000)}s`);
  const first = setTimeout(() => {
    show();
    updates = setInterval(show, UPDATE_MS);
  }, PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(updates);
    if (updates !== undefined) note(CLEAR_LINE);
  }
}
