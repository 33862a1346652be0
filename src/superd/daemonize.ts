import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** In the background's environment: the descriptor by which its starter wants to hear how it went. */
const MARK = 'SUPERD_REPORT_FD';
const REPORT_FD = 3;

/** The last words of a good start. */
const READY = 'superd: ready\n';

/**
 * Starts this program again in a session of its own and waits until it says how it went, so that the exit status is true: 0 only
 * when the sockets are open. Node must not be forked; for whoever asked, a program started anew is the same, daemon(7).
 *
 * @returns The exit status for the starter.
 */
export async function startInBackground(argv: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...argv], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, [MARK]: String(REPORT_FD) },
  });
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 101)));
  const report = await textOf(child.stdio[REPORT_FD] as Readable);
  if (!report.endsWith(READY)) {
    process.stderr.write(report);
    return exited;
  }
  process.stderr.write(report.slice(0, -READY.length));
  child.unref();
  return 0;
}

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

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
