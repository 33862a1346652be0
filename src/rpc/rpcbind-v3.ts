import type { Channel } from './channel.js';
import { isNetId, type Mapping, mappingKey, universalAddress } from './mapping.js';
import { callRpcbind, PROCEDURE, type Registrations, type RpcbindProtocol } from './rpcbind-protocol.js';
import { type XdrReader, XdrWriter } from './xdr.js';

/** The limit of a datagram. Any local user can register a long string, and one must not make the whole list unreadable. */
const LONGEST_STRING = 0xffff;

/** Versions 3 and 4, which use universal addresses. */
export function rpcbind(channel: Channel, version: 3 | 4): RpcbindProtocol {
  const formatAddress = universalAddress;
  const change = (procedure: number, mapping: Mapping) => {
    const { program, netId } = mapping;
    // rpcbind ignores this owner and records the user whom the kernel names.
    const parameters = new XdrWriter().uint(program).uint(mapping.version).string(netId).string(formatAddress(mapping)).string('superd');
    return callRpcbind(channel, version, procedure, parameters.bytes(), (results) => results.bool());
  };
  return {
    supports: () => true,
    formatAddress,
    list: (programs) => callRpcbind(channel, version, PROCEDURE.dump, Buffer.alloc(0), (results) => readList(results, programs)),
    set: (mapping) => change(PROCEDURE.set, mapping),
    unset: (mapping) => change(PROCEDURE.unset, mapping),
  };
}

function readList(results: XdrReader, programs: ReadonlySet<number>): Registrations {
  const present = new Map<string, string>();
  while (results.bool()) {
    const program = results.uint();
    const version = results.uint();
    const netId = results.string(LONGEST_STRING);
    const address = results.string(LONGEST_STRING);
    results.opaque(LONGEST_STRING);
    if (programs.has(program) && isNetId(netId)) present.set(mappingKey({ program, version, netId }), address);
  }
  return present;
}
