import type { Bind } from '../attributes/socket.js';
import {
  hasFlag,
  hasType,
  isExternal,
  isIntercepted,
  isRedirect,
  isResident,
  reportMissing,
  type ServiceDraft,
  socketType,
} from '../draft.js';
import type { DaemonPlan, EndpointPlan, RequestPlan, ServicePlan } from '../plan.js';
import { effective } from '../settings.js';
import { resolveDaemon } from './daemon.js';
import { resolveEndpoint } from './endpoint.js';
import { resolveGate } from './gate.js';
import { reportHiddenClients } from './hidden-clients.js';
import type { HostFacts } from './host-facts.js';
import { resolveIntercept } from './intercept.js';
import { resolveInternal } from './internal.js';
import { resolveLog } from './log.js';
import { checkMuxed, isMuxed, type MuxedDraft } from './muxed.js';
import { resolveProgram } from './program.js';
import { resolveProxyFrom } from './proxy-from.js';
import { resolveRedirect } from './redirect.js';
import { resolveRpc } from './rpc.js';
import { reportUnavailable, resolveBanners, withoutUselessUserId } from './visible-clients.js';
import { noteWithoutEffect } from './without-effect.js';

export interface Resolved {
  /** null when the service cannot run; its findings have the reason. */
  readonly plan: ServicePlan | DaemonPlan | null;
  readonly endpoint: EndpointPlan | null;
  /** The same service on the other addresses of `bind`. */
  readonly also?: readonly ServicePlan[];
  /** Instead of a plan, for a service behind tcpmux. */
  readonly muxed?: MuxedDraft;
}

/** Builds the plan of a service and reports all its mistakes at once. */
export function resolveService(draft: ServiceDraft, host: HostFacts): Resolved {
  const { facts } = host;
  const { block, findings, settings, id } = draft;
  noteWithoutEffect(draft);
  if (isResident(draft)) return { plan: resolveDaemon(draft, host), endpoint: null };
  reportUnavailable(draft, host.hasSelinux);
  reportHiddenClients(draft);
  const wait = resolveWait(draft);
  if (isMuxed(draft)) return resolveMuxed(draft, host);
  const endpoint = resolveEndpoint(draft, host);
  const others = (settings.bind?.value.also ?? []).map((bind) => resolveEndpoint(withBind(draft, bind), host));
  const rpc = resolveRpc(draft, facts);
  const server = resolveServer(draft, endpoint, host);
  const gate = resolveGate(draft, host);
  const log = withoutUselessUserId(draft, endpoint, resolveLog(settings));
  const banners = resolveBanners(draft);
  const proxyFrom = resolveProxyFrom(draft);
  if (findings.failed || block.broken || wait === null || endpoint === null || server === null || others.includes(null))
    return { plan: null, endpoint };
  const head = { id, name: block.name, origin: block.origin, rpc, endpoint, gate, log, banners, proxyFrom };
  const onEach = (plan: ServicePlan): Resolved => {
    const also = others.flatMap((other) => (other === null ? [] : [{ ...plan, endpoint: { ...other, nodelay: plan.endpoint.nodelay } }]));
    return { plan, endpoint, also };
  };
  if (server.activation === 'request') return onEach({ ...head, wait, ...server });
  const ofDatagrams = endpoint.type === 'dgram';
  // As xinetd does for both sides of a redirect.
  const nodelay = endpoint.family !== 'unix' && !ofDatagrams;
  if (server.activation === 'redirect') return onEach({ ...head, endpoint: { ...endpoint, nodelay }, wait: ofDatagrams, ...server });
  return onEach({ ...head, wait: ofDatagrams, ...server });
}

/** The service as if `bind` had one value. */
function withBind(draft: ServiceDraft, value: Bind): ServiceDraft {
  const { settings } = draft;
  return settings.bind === undefined ? draft : { ...draft, settings: { ...settings, bind: { ...settings.bind, value } } };
}

function resolveMuxed(draft: ServiceDraft, host: HostFacts): Resolved {
  const { block, findings, settings, id } = draft;
  checkMuxed(draft);
  const proxyFrom = resolveProxyFrom(draft);
  if (settings.redirect !== undefined)
    findings.at(settings.redirect.origin, 'redirect').error('contradiction', 'does not work behind tcpmux; give the service a port');
  const server = hasType(draft, 'INTERNAL') ? resolveInternal(draft, host) : resolveRequest(draft, host);
  const gate = resolveGate(draft, host);
  if (findings.failed || block.broken || settings.wait === undefined || server === null) return { plan: null, endpoint: null };
  const mux = hasType(draft, 'TCPMUXPLUS') ? 'acknowledged' : 'plain';
  const head = {
    id,
    name: block.name,
    origin: block.origin,
    rpc: null,
    gate,
    log: resolveLog(settings),
    banners: resolveBanners(draft),
    proxyFrom,
  };
  const muxed = { ...head, wait: false, ...server, mux } as const;
  return { plan: null, endpoint: null, muxed };
}

function resolveServer(draft: ServiceDraft, endpoint: EndpointPlan | null, host: HostFacts) {
  if (isRedirect(draft)) return resolveRedirect(draft, endpoint, host);
  return hasType(draft, 'INTERNAL') ? resolveInternal(draft, host) : resolveRequest(draft, host);
}

type RequestPart = Pick<RequestPlan, 'activation' | 'program' | 'retries' | 'lingerAnswer' | 'intercepts'>;

function resolveRequest(draft: ServiceDraft, host: HostFacts): RequestPart | null {
  const program = isExternal(draft) ? resolveProgram(draft, host) : null;
  const intercepts = resolveIntercept(draft);
  const lingerAnswer = effective(draft.settings, 'linger_answer');
  return program === null ? null : { activation: 'request', intercepts, program, retries: !hasFlag(draft, 'NORETRY'), lingerAnswer };
}

function resolveWait(draft: ServiceDraft): boolean | null {
  const { settings, findings, block } = draft;
  const { wait, log_on_success } = settings;
  if (wait === undefined) {
    reportMissing(draft, 'wait', ': "wait = no" for a server per connection, "wait = yes" to hand over the socket');
    return null;
  }
  if (!wait.value && isExternal(draft) && socketType(draft) === 'dgram')
    findings.at(wait.origin).error('contradiction', 'wait: a dgram service needs "wait = yes": its server reads the socket itself');
  if (wait.value && isMuxed(draft)) findings.at(wait.origin).error('contradiction', 'wait: a TCPMUX service needs "wait = no"');
  if (
    log_on_success?.value.has('TRAFFIC') === true &&
    !log_on_success.inherited &&
    settings.redirect === undefined &&
    !isIntercepted(draft)
  )
    findings
      .at(log_on_success.origin)
      .warning(
        'contradiction',
        'log_on_success: TRAFFIC has no effect here: superd counts bytes only for redirect services and those with INTERCEPT',
      );
  if (hasFlag(draft, 'NAMEINARGS') && !isExternal(draft))
    findings.at(settings.flags?.origin ?? block.origin).error('contradiction', 'flags: NAMEINARGS needs a server');
  // superd would not see the clients of a listener that it hands over.
  return wait.value && !(socketType(draft) === 'stream' && (isIntercepted(draft) || hasFlag(draft, 'SENSOR')));
}
