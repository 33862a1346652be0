import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { onSignal } from '../guarded.js';
import { closeOnExecFrom } from '../os/process.js';
import { MARK, READY, REPORT_FD } from './starter.js';

/** The exit status when a signal killed the background process. */
const KILLED = 101;

/**
 * Starts this program again in a new session and waits for its report, as daemon(7) asks: the exit status is 0 only when the sockets are
 * open. superd runs the program again because a Node process must not fork.
 *
 * @param notReady The exit status when a signal ends superd before it is ready.
 * @returns The exit status of the starter.
 */
export async function startInBackground(argv: readonly string[], notReady: number): Promise<number> {
  // As xinetd(8): the background process inherits no descriptor of the shell.
  closeOnExecFrom(3);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...argv], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, [MARK]: String(REPORT_FD) },
  });
  // A user who interrupts the wait does not want superd any more. A closed terminal does not mean that.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) onSignal(signal, () => child.kill('SIGTERM'));
  onSignal('SIGHUP', () => {});
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
