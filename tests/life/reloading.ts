import { readFileSync, writeFileSync } from 'node:fs';
import type { Daemon } from '../support/daemon.js';
import { defaultsBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

/** How many reloads have ended, successful or not. */
function reloadsDone(daemon: Daemon): number {
  return daemon.words.match(/Reconfigured: |reconfiguration failed/g)?.length ?? 0;
}

/**
 * Gives a running daemon another configuration and waits until it has applied it, or reported why not.
 *
 * @param config null leaves the file as it is.
 * @returns What the daemon wrote meanwhile.
 */
export async function reload(daemon: Daemon, config: string | null, signal: NodeJS.Signals = 'SIGHUP'): Promise<string> {
  if (config !== null) writeFileSync(daemon.configFile, defaultsOf(daemon) + config);
  const before = reloadsDone(daemon);
  const said = daemon.words.length;
  daemon.signal(signal);
  await waitFor('the reload', () => reloadsDone(daemon) > before, { evidence: () => daemon.account() });
  return daemon.words.slice(said);
}

/** The `defaults` block for the configuration of a test. */
export function defaultsOf(daemon: Daemon): string {
  return defaultsBlock({
    log_type: ['FILE', daemon.serviceLog],
    log_on_success: ['PID', 'HOST', 'EXIT', 'DURATION'],
    log_on_failure: ['HOST'],
  });
}

/** The inode numbers, by port, of the sockets that a process listens on or has bound: a socket that stays open keeps its number. */
export function socketInodes(pid: number): Map<number, string> {
  const found = new Map<number, string>();
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const listening = fields[3] === '0A' || (table.startsWith('udp') && fields[3] === '07');
      if (listening) found.set(Number.parseInt(fields[1]!.split(':')[1]!, 16), fields[9]!);
    }
  }
  return found;
}

/** Anonymous memory in KiB: the data of superd, without program text. */
export function anonymousMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]);
}
