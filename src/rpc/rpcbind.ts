import type { Channel } from './channel.js';
import { ask, type Dialect, type Listed, PROCEDURE } from './dialect.js';
import { isNetId, type Mapping, mappingKey, universalAddress } from './mapping.js';
import { type XdrReader, XdrWriter } from './xdr.js';

/** As long as a datagram may be: any user of the machine can register a long string, and nobody is to be kept from reading on by one. */
const LONGEST_STRING = 0xffff;

/** Versions 3 and 4, which know universal addresses. */
export function rpcbind(channel: Channel, version: 3 | 4): Dialect {
  const spell = universalAddress;
  const change = (procedure: number, mapping: Mapping) => {
    const { program, netId } = mapping;
    // rpcbind writes down as the owner whom the kernel names, not whom this does.
    const parameters = new XdrWriter().uint(program).uint(mapping.version).string(netId).string(spell(mapping)).string('superd');
    return ask(channel, version, procedure, parameters.bytes(), (results) => results.bool());
  };
  return {
    knows: () => true,
    spell,
    list: (programs) => ask(channel, version, PROCEDURE.dump, Buffer.alloc(0), (results) => readList(results, programs)),
    set: (mapping) => change(PROCEDURE.set, mapping),
    unset: (mapping) => change(PROCEDURE.unset, mapping),
  };
}

function readList(results: XdrReader, programs: ReadonlySet<number>): Listed {
  const listed = new Map<string, string>();
  while (results.bool()) {
    const program = results.uint();
    const version = results.uint();
    const netId = results.string(LONGEST_STRING);
    const address = results.string(LONGEST_STRING);
    results.opaque(LONGEST_STRING);
    if (programs.has(program) && isNetId(netId)) listed.set(mappingKey({ program, version, netId }), address);
  }
  return listed;
}
