import { closeSync, writeSync } from 'node:fs';

/** The environment variable that names the descriptor on which the background process reports to its starter. */
export const MARK = 'SUPERD_REPORT_FD';
export const REPORT_FD = 3;

/** The last line of a report: superd is ready. */
export const READY = 'superd: ready\n';

/** The process that started superd in the background and waits for its report. */
export interface Starter {
  write(text: string): void;
  ready(): void;
}

/** Returns null in the foreground. Removes the mark from the environment. */
export function starterOf(environment: Record<string, string | undefined>): Starter | null {
  if (environment[MARK] !== String(REPORT_FD)) return null;
  delete environment[MARK];
  let isOpen = true;
  const write = (text: string) => {
    try {
      if (isOpen) writeSync(REPORT_FD, text);
    } catch {
      // The starter or its terminal is gone, which must not stop superd.
      isOpen = false;
    }
  };
  return {
    write,
    ready: () => {
      write(READY);
      closeSync(REPORT_FD);
      isOpen = false;
    },
  };
}
