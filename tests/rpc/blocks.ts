import { fixture } from '../support/fixture.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';

/** An RPC program number that no program uses. */
export const PROGRAM = 200_123;

/** An RPC service whose server answers `calls` calls of procedure 0 and ends. */
export function rpcBlock(id: string, versions: string, more: Attributes = {}): string {
  return serviceBlock('calls', {
    id,
    type: 'RPC UNLISTED',
    rpc_number: PROGRAM,
    rpc_version: versions,
    socket_type: 'dgram',
    bind: null,
    flags: 'IPv4',
    user: 'root',
    server: fixture('answer-calls.py'),
    ...more,
  });
}

export const stream: Attributes = { socket_type: 'stream', protocol: 'tcp', wait: 'no' };
