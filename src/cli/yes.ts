import { createInterface } from 'node:readline';

/** Settles when somebody has answered yes; an end without it settles never, for somebody else may decide. */
export function yesFrom(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<void> {
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
