import { createInterface } from 'node:readline';

/** Resolves at a line `y` or `yes`, and never without one: the decision may be taken elsewhere. */
export function waitForYes(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const lines = createInterface({ input });
    lines.on('line', (line) => {
      if (!/^y(es)?$/i.test(line.trim())) return;
      resolve();
      lines.close();
    });
    signal.addEventListener('abort', () => lines.close());
  });
}
