import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, type DaemonOptions, daemonKind, startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { defaultsBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

/** A daemon with its own access tables, which a test can rewrite while it runs. */
export interface Guarded {
  readonly daemon: Daemon;
  /** The directory of the tables; every user may write there. */
  readonly directory: string;
  allow(text: string): void;
  deny(text: string): void;
}

/**
 * Starts superd or xinetd with these texts as hosts.allow and hosts.deny. For xinetd, which has the paths built in, they are
 * mounted over the machine's files.
 *
 * @example await startGuarded({ deny: 'ALL: ALL EXCEPT 127.0.0.2\n', config: serviceBlock('greet', { … }) })
 */
export async function startGuarded(options: DaemonOptions & { readonly allow?: string; readonly deny?: string }): Promise<Guarded> {
  const directory = options.directory ?? temporaryDirectory();
  const paths = { allow: join(directory, 'hosts.allow'), deny: join(directory, 'hosts.deny') };
  writeFileSync(paths.allow, options.allow ?? '');
  writeFileSync(paths.deny, options.deny ?? '');
  const log = {
    log_type: ['FILE', join(directory, 'service.log')],
    log_on_success: ['PID', 'HOST', 'EXIT', 'DURATION'],
    log_on_failure: ['HOST'],
  };
  const xinetd = (options.kind ?? daemonKind()) === 'xinetd';
  const where = xinetd
    ? { prefix: [...withMounts({ '/etc/hosts.allow': paths.allow, '/etc/hosts.deny': paths.deny }), ...(options.prefix ?? [])] }
    : {};
  const defaults = defaultsBlock(xinetd ? log : { ...log, hosts_allow: paths.allow, hosts_deny: paths.deny });
  const daemon = await startDaemon({ ...options, ...where, directory, defaults });
  return {
    daemon,
    directory,
    allow: (text) => writeFileSync(paths.allow, text),
    deny: (text) => writeFileSync(paths.deny, text),
  };
}
