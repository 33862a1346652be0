import type { Daemon } from '../support/daemon.js';
import { type Outcome, type RunOptions, run } from '../support/run.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

/** Runs superctl against a daemon of the test. */
export function superctl(daemon: Daemon, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(program, ['--socket', daemon.controlSocket, ...args], options);
}

/** What a verb prints with `--json`; fails when it does not end well. */
export async function ask<T>(daemon: Daemon, args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await superctl(daemon, [...args, '--json']);
  if (code !== 0) throw new Error(`superctl ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
