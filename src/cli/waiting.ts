import type { CommandContext } from './command.js';

const PATIENCE_MS = 400;
const BEAT_MS = 1000;

/** Waits, and tells a person at a terminal that it does, when it takes a while. The line is gone afterwards. */
export async function waiting<T>({ context, tell }: CommandContext, what: string, work: Promise<T>): Promise<T> {
  if (context.errorScreen.isTTY !== true) return work;
  const began = performance.now();
  let told = false;
  const show = () => {
    told = true;
    tell(`\r\x1b[K${what} … ${Math.round((performance.now() - began) / 1000)}s`);
  };
  let beat: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    show();
    beat = setInterval(show, BEAT_MS);
  }, PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(beat);
    if (told) tell('\r\x1b[K');
  }
}
