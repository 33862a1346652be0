import type { Channel } from './channel.js';
import { ask, type Dialect, type Listed, PROCEDURE } from './dialect.js';
import { type Mapping, mappingKey, type NetId, parseUniversalAddress, universalAddress } from './mapping.js';
import { type XdrReader, XdrWriter } from './xdr.js';

const VERSION = 2;
const PROTOCOL = { tcp: 6, udp: 17 } as const;

const isIPv4 = (netId: NetId): netId is keyof typeof PROTOCOL => netId === 'tcp' || netId === 'udp';

/** Version 2, the portmapper: ports of IPv4, wherever they are bound. */
export function portmap(channel: Channel): Dialect {
  const change = (procedure: number, { program, version, netId, port }: Mapping) => {
    const parameters = new XdrWriter()
      .uint(program)
      .uint(version)
      .uint(isIPv4(netId) ? PROTOCOL[netId] : 0)
      .uint(port);
    return ask(channel, VERSION, procedure, parameters.bytes(), (results) => results.bool());
  };
  return {
    knows: ({ netId }) => isIPv4(netId),
    spell: ({ port }) => anywhere(port),
    list: (programs) => ask(channel, VERSION, PROCEDURE.dump, Buffer.alloc(0), (results) => readList(results, programs)),
    set: (mapping) => change(PROCEDURE.set, mapping),
    async unset(mapping, listed) {
      // It takes both protocols away, whatever it is told (RFC 1833 §3.2): the other one gets its registration back.
      const done = await change(PROCEDURE.unset, mapping);
      const other = { ...mapping, netId: mapping.netId === 'tcp' ? 'udp' : 'tcp' } as const;
      const address = parseUniversalAddress(listed.get(mappingKey(other)) ?? '');
      if (done && address !== null) await change(PROCEDURE.set, { ...other, ...address });
      return done;
    },
  };
}

const anywhere = (port: number) => universalAddress({ host: '0.0.0.0', port });

function readList(results: XdrReader, programs: ReadonlySet<number>): Listed {
  const listed = new Map<string, string>();
  while (results.bool()) {
    const [program, version, protocol, port] = [results.uint(), results.uint(), results.uint(), results.uint()];
    const netId = protocol === PROTOCOL.tcp ? 'tcp' : protocol === PROTOCOL.udp ? 'udp' : null;
    if (netId !== null && programs.has(program)) listed.set(mappingKey({ program, version, netId }), anywhere(port & 0xffff));
  }
  return listed;
}
