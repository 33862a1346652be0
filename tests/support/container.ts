import { atEnd } from './at-end.js';
import type { Daemon } from './daemon.js';
import { childrenOf, killProcess, type ProcessFacts } from './processes.js';
import { waitFor } from './wait-for.js';

/** A command prefix: what follows runs as process 1 of a new pid namespace. */
export const container = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=KILL'];

/** Process 1 of the container, as the host sees it. unshare(1) does not forward SIGTERM, so the test sends it when it ends. */
export async function processOne(daemon: Daemon): Promise<ProcessFacts> {
  const one = await waitFor('process 1', () => childrenOf(daemon.pid)[0]);
  atEnd(() => killProcess(one, 'SIGTERM'));
  return one;
}
