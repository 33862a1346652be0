import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';

/** A daemon with one built-in service, on a port of its own. */
export async function builtin(name: string, more: Attributes = {}): Promise<{ readonly port: number; readonly daemon: Daemon }> {
  const port = await freePort();
  const daemon = await startDaemon({ config: serviceBlock(name, { type: 'INTERNAL UNLISTED', port, ...more }) });
  return { port, daemon };
}
