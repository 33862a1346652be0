import type { Channel } from './channel.js';
import { type Mapping, mappingKey, type NetId, parseUniversalAddress, universalAddress } from './mapping.js';
import { callRpcbind, PROCEDURE, type Registrations, type RpcbindProtocol } from './rpcbind-protocol.js';
import { type XdrReader, XdrWriter } from './xdr.js';

const VERSION = 2;
const PROTOCOL = { tcp: 6, udp: 17 } as const;

const isIPv4 = (netId: NetId): netId is keyof typeof PROTOCOL => netId === 'tcp' || netId === 'udp';

/** Version 2, the portmapper: IPv4 ports without an address. */
export function portmap(channel: Channel): RpcbindProtocol {
  const change = (procedure: number, { program, version, netId, port }: Mapping) => {
    const parameters = new XdrWriter()
      .uint(program)
      .uint(version)
      .uint(isIPv4(netId) ? PROTOCOL[netId] : 0)
      .uint(port);
    return callRpcbind(channel, VERSION, procedure, parameters.bytes(), (results) => results.bool());
  };
  return {
    supports: ({ netId }) => isIPv4(netId),
    formatAddress: ({ port }) => anyAddress(port),
    list: (programs) => callRpcbind(channel, VERSION, PROCEDURE.dump, Buffer.alloc(0), (results) => readList(results, programs)),
    set: (mapping) => change(PROCEDURE.set, mapping),
    async unset(mapping, present) {
      // The portmapper removes both protocols, whichever the call names (RFC 1833 §3.2), so the other one is registered again.
      const done = await change(PROCEDURE.unset, mapping);
      const other = { ...mapping, netId: mapping.netId === 'tcp' ? 'udp' : 'tcp' } as const;
      const address = parseUniversalAddress(present.get(mappingKey(other)) ?? '');
      if (done && address !== null) await change(PROCEDURE.set, { ...other, ...address });
      return done;
    },
  };
}

const anyAddress = (port: number) => universalAddress({ host: '0.0.0.0', port });

function readList(results: XdrReader, programs: ReadonlySet<number>): Registrations {
  const present = new Map<string, string>();
  while (results.bool()) {
    const [program, version, protocol, port] = [results.uint(), results.uint(), results.uint(), results.uint()];
    const netId = protocol === PROTOCOL.tcp ? 'tcp' : protocol === PROTOCOL.udp ? 'udp' : null;
    if (netId !== null && programs.has(program)) present.set(mappingKey({ program, version, netId }), anyAddress(port & 0xffff));
  }
  return present;
}
