import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { closeOnExecFrom } from '../os/process.js';
import { MARK, READY, REPORT_FD } from './starter.js';

const KILLED = 101;

/**
 * Starts this program again in a session of its own and waits until it says how it went, so that the exit status is true: 0 only
 * when the sockets are open. Node must not be forked; for whoever asked, a program started anew is the same, daemon(7).
 *
 * @param notReady The status when it was told to end before it was ready.
 * @returns The exit status for the starter.
 */
export async function startInBackground(argv: readonly string[], notReady: number): Promise<number> {
  // What the shell left open is nobody's business in the background, xinetd(8).
  closeOnExecFrom(3);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...argv], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, [MARK]: String(REPORT_FD) },
  });
  // Whoever gives up waiting does not want it any more; a terminal that goes away says nothing of the kind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => {});
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? KILLED)));
  const report = await textOf(child.stdio[REPORT_FD] as Readable);
  if (report.endsWith(READY)) {
    process.stderr.write(report.slice(0, -READY.length));
    child.unref();
    return 0;
  }
  process.stderr.write(report === '' ? 'superd: ended before it was ready\n' : report);
  return (await exited) || notReady;
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
