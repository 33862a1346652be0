import { hasFlag, isIntercepted, isUnix, type ServiceDraft, socketType } from '../draft.js';

/** Whether superd stands between the clients and a server that accepts them itself (INTERCEPT); tells where it cannot. */
export function resolveIntercept(draft: ServiceDraft): boolean {
  if (!hasFlag(draft, 'INTERCEPT')) return false;
  const { settings, findings, block } = draft;
  const report = findings.at(settings.flags?.origin ?? block.origin);
  if (!isIntercepted(draft)) {
    if (settings.wait !== undefined)
      report.warning(
        'without-effect',
        'flags: INTERCEPT has no effect but on a server with "wait = yes": each client is asked about anyway',
      );
    return false;
  }
  if (socketType(draft) === 'stream' && !isUnix(draft)) return true;
  const instead = isUnix(draft)
    ? 'who may reach a unix socket is decided by the permissions of its directory'
    : 'take it away, and the rules hold for the datagram that a server is started for, while that server answers whoever else calls, as in xinetd';
  report.error('contradiction', `flags: INTERCEPT wants a stream of tcp; ${instead}`);
  return false;
}
