import { table } from '../attributes/table.js';
import { hasFlag, hasType, isListed, isUnix, protocolName, reportMissing, type ServiceDraft, socketType } from '../draft.js';
import type { NssFacts } from '../nss-facts.js';
import type { EndpointPlan } from '../plan.js';
import { KNOWN_PROTOCOLS } from '../questions.js';
import type { HostFacts } from './host-facts.js';

/** Connections that the kernel queues; xinetd's 64 is too few for a burst, and the kernel cuts the number to net.core.somaxconn. */
const BACKLOG = 1024;

type EndpointFacts = Pick<HostFacts, 'facts' | 'devices'>;

/** The listening socket of a service; null after reporting what is missing or wrong. */
export function resolveEndpoint(draft: ServiceDraft, host: EndpointFacts): EndpointPlan | null {
  const { facts } = host;
  const type = socketType(draft);
  const name = protocolName(draft);
  if (type === null || name === null) return missingKind(draft);
  if (isUnix(draft)) return unixEndpoint(draft, type);
  const protocol = KNOWN_PROTOCOLS[name] ?? facts.protocol(name)?.number ?? null;
  if (protocol === null) unknownProtocol(draft, name);
  const fits = kindsFit(draft, type, name);
  const port = protocol === null ? null : resolvePort(draft, name, facts);
  const where = resolveAddress(draft, host);
  if (protocol === null || !fits || port === null || where === null) return null;
  // As with xinetd; udp has neither option.
  const isTcp = protocol === KNOWN_PROTOCOLS['tcp'];
  return {
    ...where,
    type,
    protocol: { name, number: protocol },
    port,
    backlog: BACKLOG,
    nodelay: isTcp && hasFlag(draft, 'NODELAY'),
    keepalive: isTcp && hasFlag(draft, 'KEEPALIVE'),
  };
}

function missingKind(draft: ServiceDraft): null {
  const { socket_type } = draft.settings;
  if (socket_type === undefined) reportMissing(draft, 'socket_type', ', as in "socket_type = stream"');
  else reportMissing(draft, 'protocol', `: socket_type ${socket_type.value} does not imply one`);
  return null;
}

function unknownProtocol({ findings, settings, block }: ServiceDraft, name: string): void {
  const report = findings.at(settings.protocol?.origin ?? block.origin);
  const family = /^(tcp|udp)([46])$/i.exec(name);
  const remedy =
    family === null
      ? name.toLowerCase() === name || KNOWN_PROTOCOLS[name.toLowerCase()] === undefined
        ? '; wanted tcp or udp, or a name of protocols(5)'
        : `; write ${name.toLowerCase()}`
      : `; write "protocol = ${family[1]?.toLowerCase()}" and "flags = IPv${family[2]}"`;
  report.error('unknown-protocol', `protocol: "${name}" is not in protocols(5)${remedy}`);
}

function kindsFit({ findings, settings, block }: ServiceDraft, type: string, protocol: string): boolean {
  const wanted = protocol === 'tcp' ? 'stream' : protocol === 'udp' ? 'dgram' : null;
  if (wanted === null || wanted === type) return true;
  findings
    .at((settings.protocol ?? settings.socket_type)?.origin ?? block.origin)
    .error('contradiction', `protocol ${protocol} needs socket_type ${wanted}, found ${type}`);
  return false;
}

function unixEndpoint(draft: ServiceDraft, type: EndpointPlan['type']): EndpointPlan | null {
  const { findings, settings, block } = draft;
  const { bind, port } = settings;
  if (bind?.value.kind !== 'path') {
    const remedy = `: the path of the unix socket, as in "bind = /run/${block.name}.sock" or "bind = @${block.name}"`;
    if (bind === undefined) reportMissing(draft, 'bind', remedy);
    else
      findings
        .at(bind.origin)
        .error('contradiction', `bind: ${table.bind.format(bind.value)} is not a path, and the protocol is unix${remedy}`);
    return null;
  }
  if (type === 'raw') {
    findings
      .at(settings.socket_type?.origin ?? block.origin)
      .error('contradiction', 'a unix socket needs socket_type stream, dgram or seqpacket, found raw');
    return null;
  }
  if (port !== undefined) findings.at(port.origin).warning('contradiction', 'a unix socket has no port; the line is ignored');
  return {
    family: 'unix',
    type,
    protocol: { name: 'unix', number: 0 },
    address: bind.value.path,
    port: 0,
    backlog: BACKLOG,
    nodelay: false,
    keepalive: false,
  };
}

function resolvePort(draft: ServiceDraft, protocol: string, facts: NssFacts): number | null {
  const { settings, findings, block } = draft;
  const { port } = settings;
  const report = findings.at(port?.origin ?? block.origin);
  if (!isListed(draft)) {
    const elsewhere = (['RPC', 'TCPMUX', 'TCPMUXPLUS'] as const).some((type) => hasType(draft, type));
    if (port === undefined && !elsewhere && !draft.attempted.has('port') && !block.broken)
      report.error('unlisted-without-port', `service ${block.name} is UNLISTED and needs a port: write "port = NUMBER"`);
    return port?.value ?? (hasType(draft, 'RPC') ? 0 : null);
  }
  const known = facts.service(block.name, protocol);
  if (known === null) {
    const remedy =
      port === undefined ? 'write "type = UNLISTED" and "port = NUMBER"' : `write "type = UNLISTED" and keep "port = ${port.value}"`;
    report.error(
      'unknown-service',
      `${block.name}/${protocol} is not in services(5), so superd cannot ${port === undefined ? 'find' : 'compare'} its port; ${remedy}`,
    );
    return null;
  }
  if (port === undefined || port.value === known.port) return known.port;
  report.error(
    'port-differs',
    `services(5) has ${block.name}/${protocol} on port ${known.port}, found ${port.value}; to use ${port.value} write "type = UNLISTED"`,
  );
  return null;
}

type Where = Pick<EndpointPlan, 'family' | 'address' | 'device'>;

/** Family and address: the address decides, then the flags; without either, a socket for both families. */
function resolveAddress(draft: ServiceDraft, { facts, devices }: EndpointFacts): Where | null {
  const { bind, v6only, flags } = draft.settings;
  const { findings } = draft;
  const wanted = hasFlag(draft, 'IPv6') ? 'inet6' : hasFlag(draft, 'IPv4') ? 'inet' : null;
  if (hasFlag(draft, 'IPv4') && hasFlag(draft, 'IPv6') && flags !== undefined)
    findings
      .at(flags.origin)
      .note('contradiction', 'flags: IPv4 and IPv6 together mean an IPv6 socket that accepts IPv4 clients too, as without either');
  const v6 = v6only?.value === true ? 'inet6' : 'dual';
  if (v6only !== undefined && !v6only.inherited && !v6only.value)
    findings.at(v6only.origin).note('read-operator', 'v6only = no accepts IPv4 clients; xinetd refuses them whenever a service has v6only');
  if (bind === undefined) return { family: wanted === 'inet' ? 'inet' : v6, address: null };
  const name = bind.value.kind === 'host' ? bind.value.name : null;
  if (name !== null && !facts.knows(['addresses', name])) {
    const device = devices().find((one) => one.toLowerCase() === name);
    if (device !== undefined) return { family: wanted === 'inet' ? 'inet' : v6, address: null, device };
  }
  const address = bind.value.kind === 'host' ? hostAddress(bind.value.name) : bind.value.kind === 'address' ? bind.value : null;
  if (bind.value.kind === 'path') {
    findings.at(bind.origin).error('contradiction', `bind: a path is for unix sockets; write "protocol = unix", or an address`);
    return null;
  }
  if (address === null) return null;
  if (wanted !== null && wanted !== address.family)
    findings
      .at(bind.origin)
      .warning(
        'contradiction',
        `bind: ${address.address} does not fit the flag ${wanted === 'inet' ? 'IPv4' : 'IPv6'}; superd uses the address (xinetd would listen on all addresses)`,
      );
  if (address.family === 'inet') return { family: 'inet', address: address.address === '0.0.0.0' ? null : address.address };
  return address.address === '::' ? { family: v6, address: null } : { family: 'inet6', address: address.address };

  function hostAddress(name: string): { family: 'inet' | 'inet6'; address: string } | null {
    const found = (facts.addresses(name)?.addresses ?? []).map((text) => ({
      family: text.includes(':') ? ('inet6' as const) : ('inet' as const),
      address: text,
    }));
    const chosen = found.find(({ family }) => family === wanted) ?? (wanted === null ? found[0] : undefined);
    if (chosen === undefined)
      findings
        .at(bind?.origin ?? draft.block.origin)
        .error(
          'unresolved-name',
          `bind: the name ${name} has no ${wanted === 'inet' ? 'IPv4 ' : wanted === 'inet6' ? 'IPv6 ' : ''}address${found.length === 0 ? ' and is no network device' : ''}; write the address itself`,
        );
    return chosen ?? null;
  }
}
