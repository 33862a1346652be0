import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { isSameProcess, killProcess, type ProcessFacts, processFacts } from '../support/processes.js';
import { type Outcome, type RunOptions, run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

export const superd = new URL('../../bin/superd', import.meta.url).pathname;

/** A start into the background: how the starter ended, what it wrote, and the files of superd. */
export interface BackgroundStart extends Outcome {
  readonly pidFile: string;
  readonly log: string;
  readonly directory: string;
}

/**
 * Starts superd as an init script does, and ends it with the test.
 *
 * @param config The text of the configuration, or null for a missing file.
 */
export async function startInBackground(
  config: string | null,
  args: readonly string[] = [],
  options: RunOptions & { readonly directory?: string; readonly prefix?: readonly string[] } = {},
): Promise<BackgroundStart> {
  const directory = options.directory ?? temporaryDirectory();
  const files = { pidFile: join(directory, 'superd.pid'), log: join(directory, 'superd.log'), conf: join(directory, 'superd.conf') };
  if (config !== null) writeFileSync(files.conf, config);
  const [program, ...rest] = [
    ...(options.prefix ?? []),
    superd,
    ...['--config', files.conf, '--pidfile', files.pidFile, '--log-file', files.log, '--state', join(directory, 'state')],
    ...args,
  ] as [string, ...string[]];
  onTestFinished(() => endDaemon(files.pidFile));
  const outcome = await run(program, rest, { cwd: directory, ...options });
  return { ...outcome, directory, pidFile: files.pidFile, log: files.log };
}

/** The daemon whose pid is in a pidfile. */
export function daemonOf(pidFile: string): ProcessFacts {
  const facts = processFacts(Number(readFileSync(pidFile, 'latin1')));
  if (facts === null) throw new Error(`no process has the pid in ${pidFile}`);
  return facts;
}

/** Ends the daemon of a pidfile, if it runs, and waits for its end. */
export async function endDaemon(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const daemon = processFacts(Number(readFileSync(pidFile, 'latin1')));
  if (daemon === null) return;
  killProcess(daemon, 'SIGTERM');
  await waitFor('the daemon in the background to end', () => !isSameProcess(daemon));
}
