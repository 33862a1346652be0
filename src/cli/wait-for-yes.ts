/** Resolves at a line `y` or `yes`, and never without one: the decision may be taken elsewhere. */
export async function waitForYes(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<void> {
  // Loaded here, because it would add 5 % to the start of every verb.
  const { createInterface } = await import('node:readline');
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
