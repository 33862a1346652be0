import { parseAddress } from '../../address/address.js';
import { isName, type RedirectTarget } from '../attributes/redirect.js';
import { inetAton } from '../attributes/source-entry.js';
import { type ServiceDraft, socketType } from '../draft.js';
import type { Facts } from '../facts.js';
import type { EndpointPlan, RedirectPlan, TargetPlan } from '../plan.js';
import { resolveExecution } from './program.js';
import type { Surroundings } from './service.js';

const CONNECT_TIMEOUT_MS = 10_000;

export type RedirectPart = Pick<RedirectPlan, 'activation' | 'program' | 'targets' | 'proxyProtocol' | 'connectTimeout' | 'idleTimeout'>;

/** Where connections are passed on to, and as whom; null when something is missing or wrong, which the findings tell. */
export function resolveRedirect(draft: ServiceDraft, endpoint: EndpointPlan | null, surroundings: Surroundings): RedirectPart | null {
  const { settings, findings, block } = draft;
  const program = resolveExecution(draft, surroundings, surroundings.self);
  const report = findings.at(settings.redirect?.origin ?? block.origin, 'redirect');
  if (settings.server !== undefined)
    findings.at(settings.server.origin).note('contradiction', 'server has no effect beside redirect: no program is started');
  if (socketType(draft) !== null && socketType(draft) !== 'stream')
    report.error('contradiction', `wants socket_type stream, found ${socketType(draft)}`);
  if (settings.wait?.value === true) findings.at(settings.wait.origin).error('contradiction', 'wait: a redirect service wants "wait = no"');
  const targets = (settings.redirect?.value ?? []).map((target) => resolveTarget(target, draft, surroundings));
  if (endpoint !== null && targets.some((target) => target !== null && isItself(target, endpoint)))
    report.error(
      'contradiction',
      'this is where the service itself listens: every connection would come back to it without end; write another port',
    );
  if (program === null || targets.includes(null)) return null;
  return {
    activation: 'redirect',
    program,
    targets: targets as TargetPlan[],
    proxyProtocol: settings.proxy_protocol?.value ?? null,
    connectTimeout: settings.connect_timeout?.value ?? CONNECT_TIMEOUT_MS,
    idleTimeout: settings.idle_timeout?.value ?? Infinity,
  };
}

function resolveTarget(target: RedirectTarget, draft: ServiceDraft, { facts, unresolved }: Surroundings): TargetPlan | null {
  if (target.kind === 'path') return target;
  const { host } = target;
  const report = draft.findings.at(draft.settings.redirect?.origin ?? draft.block.origin, 'redirect');
  const port = typeof target.port === 'number' ? target.port : facts.service(target.port, 'tcp')?.port;
  if (port === undefined) {
    report.error('unknown-service', `there is no service ${target.port}/tcp in services(5); write the number of the port`);
    return null;
  }
  if (!isName(host)) {
    const address = host.includes(':') ? host : dotted(host);
    return { kind: 'host', host: address, port, addresses: [address] };
  }
  const addresses = addressesOf(host, facts);
  if (addresses.length === 0) {
    unresolved.add(host);
    report.warning('unresolved-name', `the name ${host} has no address now; it is looked up again when a client comes`);
  }
  return { kind: 'host', host, port, addresses };
}

/** IPv4 first: a name had only those when this was written for xinetd. */
function addressesOf(host: string, facts: Facts): string[] {
  const found = facts.addresses(host)?.addresses ?? [];
  return [...found.filter((one) => !one.includes(':')), ...found.filter((one) => one.includes(':'))];
}

/** inet_aton(3) takes 127.1 too, connect wants all four. */
function dotted(host: string): string {
  const bits = inetAton(host) as number;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

function isItself(target: TargetPlan, endpoint: EndpointPlan): boolean {
  if (target.kind === 'path') return endpoint.family === 'unix' && endpoint.address === target.path;
  if (endpoint.family === 'unix' || target.port !== endpoint.port || endpoint.port === 0) return false;
  if (endpoint.address !== null) return target.addresses.includes(endpoint.address);
  const isHeard = (address: string) => endpoint.family === 'dual' || (endpoint.family === 'inet6') === address.includes(':');
  return target.addresses.some((address) => isLoopback(address) && isHeard(address));
}

function isLoopback(text: string): boolean {
  const address = parseAddress(text.replace(/%.*/, ''));
  if (address === null || address.w0 !== 0 || address.w1 !== 0) return false;
  if (address.w2 === 0xffff) return address.w3 >>> 24 === 127 || address.w3 === 0;
  return address.w2 === 0 && address.w3 <= 1;
}
