import { parseAddress } from '../../address/address.js';
import { isName, type RedirectTarget } from '../attributes/redirect.js';
import { inetAton } from '../attributes/source-entry.js';
import { isUnix, type ServiceDraft, socketType, targetProtocol } from '../draft.js';
import type { NssFacts } from '../nss-facts.js';
import type { EndpointPlan, RedirectPlan, TargetPlan } from '../plan.js';
import { effective } from '../settings.js';
import type { HostFacts } from './host-facts.js';
import { resolveExecution } from './program.js';

/** Flows of datagrams have no end; this is as long as routers remember them. */
const DATAGRAM_IDLE_MS = 30_000;

export type RedirectPart = Pick<RedirectPlan, 'activation' | 'program' | 'targets' | 'proxyProtocol' | 'connectTimeout' | 'idleTimeout'>;

/** The upstreams of a redirect and the credentials to connect with; null after reporting what is missing or wrong. */
export function resolveRedirect(draft: ServiceDraft, endpoint: EndpointPlan | null, host: HostFacts): RedirectPart | null {
  const { settings, findings, block } = draft;
  const program = resolveExecution(draft, host, host.self);
  const report = findings.at(settings.redirect?.origin ?? block.origin, 'redirect');
  if (settings.server !== undefined)
    findings.at(settings.server.origin).note('contradiction', 'server has no effect beside redirect: superd starts no program');
  const type = socketType(draft);
  if (type === 'dgram') checkDatagrams(draft);
  else {
    if (type !== null && type !== 'stream') report.error('contradiction', `needs socket_type stream or dgram, found ${type}`);
    if (settings.wait?.value === true)
      findings.at(settings.wait.origin).error('contradiction', 'wait: a redirect service needs "wait = no"');
  }
  const targets = (settings.redirect?.value ?? []).map((target) => resolveTarget(target, draft, host));
  if (endpoint !== null && targets.some((target) => target !== null && leadsTo(target, endpoint, host.ownAddresses)))
    report.error(
      'contradiction',
      `the service itself listens there: every ${type === 'dgram' ? 'datagram' : 'connection'} would come back to it without end; write another port`,
    );
  if (program === null || targets.includes(null)) return null;
  return {
    activation: 'redirect',
    program,
    targets: targets as TargetPlan[],
    proxyProtocol: effective(settings, 'proxy_protocol'),
    connectTimeout: effective(settings, 'connect_timeout'),
    idleTimeout: idleTimeout(draft),
  };
}

/** Milliseconds of silence that end a connection or a flow. */
export function idleTimeout(draft: ServiceDraft): number {
  const isUnwritten = draft.settings.idle_timeout === undefined;
  return isUnwritten && socketType(draft) === 'dgram' ? DATAGRAM_IDLE_MS : effective(draft.settings, 'idle_timeout');
}

/** `wait` may be either: superd reads the datagrams of all senders, and each sender has a session. */
function checkDatagrams(draft: ServiceDraft): void {
  const { settings, findings, block } = draft;
  const { redirect, proxy_protocol, connect_timeout } = settings;
  const report = findings.at(redirect?.origin ?? block.origin, 'redirect');
  if (isUnix(draft)) report.error('contradiction', 'superd cannot relay datagrams of a unix socket; write "protocol = udp" and a port');
  for (const target of redirect?.value ?? [])
    if (target.kind === 'path') report.error('contradiction', `${target.path}: datagrams go to a host and port, not to a unix socket`);
  if (proxy_protocol !== undefined)
    findings.at(proxy_protocol.origin, 'proxy_protocol').error('contradiction', 'datagrams have no place for a header; delete the line');
  if (connect_timeout !== undefined && !connect_timeout.inherited)
    findings
      .at(connect_timeout.origin)
      .note('without-effect', 'connect_timeout has no effect: superd sends datagrams without connecting first');
}

function resolveTarget(target: RedirectTarget, draft: ServiceDraft, { facts, unresolved }: HostFacts): TargetPlan | null {
  if (target.kind === 'path') return target;
  const { host } = target;
  const protocol = targetProtocol(draft);
  const report = draft.findings.at(draft.settings.redirect?.origin ?? draft.block.origin, 'redirect');
  const port = typeof target.port === 'number' ? target.port : facts.service(target.port, protocol)?.port;
  if (port === undefined) {
    report.error('unknown-service', `${target.port}/${protocol} is not in services(5); write the number of the port`);
    return null;
  }
  if (!isName(host)) {
    const address = host.includes(':') ? host : dotted(host);
    return { kind: 'host', host: address, port, addresses: [address] };
  }
  const addresses = addressesOf(host, facts);
  if (addresses.length === 0) {
    unresolved.add(host);
    report.warning('unresolved-name', `the name ${host} has no address now; superd looks it up again when a client connects`);
  }
  return { kind: 'host', host, port, addresses };
}

/** IPv4 first: in xinetd's time names had no other addresses. */
function addressesOf(host: string, facts: NssFacts): string[] {
  const found = facts.addresses(host)?.addresses ?? [];
  return [...found.filter((one) => !one.includes(':')), ...found.filter((one) => one.includes(':'))];
}

/** inet_aton(3) accepts 127.1 too; connect needs all four numbers. */
function dotted(host: string): string {
  const bits = inetAton(host) as number;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/**
 * Whether a connection to a target arrives at this endpoint of the same machine.
 *
 * @param own The addresses of this machine.
 */
export function leadsTo(target: TargetPlan, endpoint: EndpointPlan, own: ReadonlySet<string>): boolean {
  if (target.kind === 'path') return endpoint.family === 'unix' && endpoint.address === target.path;
  if (endpoint.family === 'unix' || target.port !== endpoint.port || endpoint.port === 0) return false;
  if (endpoint.address !== null) return target.addresses.includes(endpoint.address);
  const isAccepted = (address: string) => endpoint.family === 'dual' || (endpoint.family === 'inet6') === address.includes(':');
  return target.addresses.some((address) => isAccepted(address) && (isLoopback(address) || own.has(address)));
}

function isLoopback(text: string): boolean {
  const address = parseAddress(text.replace(/%.*/, ''));
  if (address === null || address.w0 !== 0 || address.w1 !== 0) return false;
  if (address.w2 === 0xffff) return address.w3 >>> 24 === 127 || address.w3 === 0;
  return address.w2 === 0 && address.w3 <= 1;
}
