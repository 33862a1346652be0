import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { MARK, READY, REPORT_FD } from './starter.js';

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

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
