import type { Daemon } from '../support/daemon.js';
import { type Outcome, type RunOptions, run } from '../support/run.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

/** Runs superctl against a daemon of the test. */
export function superctl(daemon: Daemon, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(program, ['--socket', daemon.controlSocket, ...args], options);
}

/** The `--json` output of a verb; fails when its exit status is not 0. */
export async function ask<T>(daemon: Daemon, args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await superctl(daemon, [...args, '--json']);
  if (code !== 0) throw new Error(`superctl ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
