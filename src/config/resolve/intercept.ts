import { hasFlag, isIntercepted, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { InterceptPlan } from '../plan.js';
import { idleTimeout } from './redirect.js';

/** How superd stands between the clients and a server that would have the socket itself (INTERCEPT), or null; tells where it cannot. */
export function resolveIntercept(draft: ServiceDraft): InterceptPlan | null {
  if (!hasFlag(draft, 'INTERCEPT')) return null;
  const { settings, findings, block } = draft;
  const report = findings.at(settings.flags?.origin ?? block.origin);
  if (!isIntercepted(draft)) {
    if (settings.wait !== undefined)
      report.warning(
        'without-effect',
        'flags: INTERCEPT has no effect but on a server with "wait = yes": each client is asked about anyway',
      );
    return null;
  }
  const type = socketType(draft);
  if (isUnix(draft)) {
    report.error(
      'contradiction',
      'flags: INTERCEPT wants a stream of tcp or datagrams of udp; who may reach a unix socket is decided by the permissions of its directory',
    );
    return null;
  }
  if (type !== 'stream' && type !== 'dgram') {
    report.error('contradiction', `flags: INTERCEPT wants socket_type stream or dgram, found ${type ?? 'none'}; take it away`);
    return null;
  }
  if (type === 'dgram') noteOtherPorts(draft);
  return { idleTimeout: idleTimeout(draft) };
}

/** What a server says by another socket than the one it was given is passed on for TFTP alone, whose name superd goes by. */
function noteOtherPorts({ block, settings, findings }: ServiceDraft): void {
  const { server, flags } = settings;
  if (block.name === 'tftp' || server === undefined || !/tftpd[^/]*$/.test(server.value)) return;
  findings
    .at(flags?.origin ?? block.origin)
    .warning(
      'contradiction',
      `flags: INTERCEPT: a TFTP server answers from another port, which reaches the clients of a service called tftp only; write "service tftp" and "id = ${block.name}"`,
    );
}
