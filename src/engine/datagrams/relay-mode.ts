import type { RedirectPlan, RequestPlan, ServicePlan } from '../../config/plan.js';
import { answersAnything, mayAnswerAnswers } from '../../gate/reflector.js';
import type { Upstream } from '../../relay/targets.js';
import { RedirectUpstream } from '../answers/upstream.js';
import type { ReportContext } from '../context.js';
import type { PrivateSocket } from '../services/private-socket.js';
import type { Service } from '../services/service.js';
import { Flow } from './flow.js';
import type { FlowTable } from './flow-table.js';
import { TftpFlow } from './tftp-flow.js';

/** How superd relays the datagrams of one service. */
export interface RelayMode {
  readonly plan: ServicePlan;
  readonly upstream: Upstream;
  readonly Flow: typeof Flow;
  /** Milliseconds without a datagram until a session ends. */
  readonly idleTimeout: number;
  /** Whether a sender at that port would answer the answer. */
  readonly mayReflect: (port: number, toMany: boolean) => boolean;
}

/** The relay of one service. */
export interface RelayState extends RelayMode {
  readonly service: Service;
  readonly flows: FlowTable;
  isIdleWatched: boolean;
}

export function relayModeOf(context: ReportContext, service: Service): RelayMode {
  const { plan } = service;
  return plan.activation === 'redirect' ? toTargets(context, plan) : toServer(plan as RequestPlan, service.privateSocket as PrivateSocket);
}

function toTargets(context: ReportContext, plan: RedirectPlan): RelayMode {
  const ports = plan.targets.flatMap((target) => (target.kind === 'host' ? [target.port] : []));
  const speaking = new Set([plan.endpoint.port, ...ports]);
  const mayReflect = (port: number, toMany: boolean) => toMany || mayAnswerAnswers(port, speaking);
  return { plan, upstream: new RedirectUpstream(context, plan), Flow, idleTimeout: plan.idleTimeout, mayReflect };
}

/** The server would answer RPC clients at ports below 1024, and broadcasts: so does the relay. */
function toServer(plan: RequestPlan, upstream: PrivateSocket): RelayMode {
  const isTftp = plan.name === 'tftp';
  const mayReflect = (port: number) => answersAnything(port) && port !== plan.endpoint.port;
  return {
    plan,
    upstream,
    Flow: isTftp ? TftpFlow : Flow,
    idleTimeout: plan.intercepts?.idleTimeout ?? Infinity,
    mayReflect,
  };
}
