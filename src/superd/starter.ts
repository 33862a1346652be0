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
  return {
    tell: (text) => void writeSync(REPORT_FD, text),
    ready: () => {
      writeSync(REPORT_FD, READY);
      closeSync(REPORT_FD);
    },
  };
}
