import { closeSync, writeSync } from 'node:fs';

/** In the background's environment: the descriptor by which its starter wants to hear how it went. */
export const MARK = 'SUPERD_REPORT_FD';
export const REPORT_FD = 3;

/** The last words of a good start. */
export const READY = 'superd: ready\n';

/** How the background answers its starter; null in the foreground. */
export interface Starter {
  tell(text: string): void;
  ready(): void;
}

export function starterOf(environment: Record<string, string | undefined>): Starter | null {
  if (environment[MARK] !== String(REPORT_FD)) return null;
  delete environment[MARK];
  let listens = true;
  const tell = (text: string) => {
    try {
      if (listens) writeSync(REPORT_FD, text);
    } catch {
      // The starter, or its terminal, is gone: nothing that could keep superd from its work.
      listens = false;
    }
  };
  return {
    tell,
    ready: () => {
      tell(READY);
      closeSync(REPORT_FD);
      listens = false;
    },
  };
}
