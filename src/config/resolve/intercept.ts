import { hasFlag, isIntercepted, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { InterceptPlan } from '../plan.js';
import { idleTimeout } from './redirect.js';

/** The plan of a service with INTERCEPT, or null without; reports where the flag cannot work. */
export function resolveIntercept(draft: ServiceDraft): InterceptPlan | null {
  if (!hasFlag(draft, 'INTERCEPT')) return null;
  const { settings, findings, block } = draft;
  const report = findings.at(settings.flags?.origin ?? block.origin);
  if (!isIntercepted(draft)) {
    if (settings.wait !== undefined)
      report.warning('without-effect', 'flags: INTERCEPT has no effect without "wait = yes": superd checks each client anyway');
    return null;
  }
  const type = socketType(draft);
  if (isUnix(draft)) {
    report.error(
      'contradiction',
      'flags: INTERCEPT needs a tcp stream or udp datagrams; the permissions of its directory guard a unix socket',
    );
    return null;
  }
  if (type !== 'stream' && type !== 'dgram') {
    report.error('contradiction', `flags: INTERCEPT needs socket_type stream or dgram, found ${type ?? 'none'}; remove the flag`);
    return null;
  }
  if (type === 'dgram') noteOtherPorts(draft);
  return { idleTimeout: idleTimeout(draft) };
}

/** superd relays answers from another socket only for TFTP, which it recognizes by the name of the service. */
function noteOtherPorts({ block, settings, findings }: ServiceDraft): void {
  const { server, flags } = settings;
  if (block.name === 'tftp' || server === undefined || !/tftpd[^/]*$/.test(server.value)) return;
  findings
    .at(flags?.origin ?? block.origin)
    .warning(
      'contradiction',
      `flags: INTERCEPT: a TFTP server answers from another port, which superd relays only for a service named tftp; write "service tftp" and "id = ${block.name}"`,
    );
}
