import { onTestFinished } from 'vitest';
import type { Daemon } from './daemon.js';
import { childrenOf, killProcess, type ProcessFacts } from './processes.js';
import { waitFor } from './wait-for.js';

/** A pid namespace of its own, in which what follows is process 1. */
export const container = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=KILL'];

/** Process 1 as everybody else sees it. unshare(1) passes no TERM on, so the end of the test does. */
export async function processOne(daemon: Daemon): Promise<ProcessFacts> {
  const one = await waitFor('process 1', () => childrenOf(daemon.pid)[0]);
  onTestFinished(() => killProcess(one, 'SIGTERM'));
  return one;
}
