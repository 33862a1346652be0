import type { Prefix } from '../../address/prefix-set.js';
import { isRedirect, isUnix, type ServiceDraft, socketType } from '../draft.js';
import { isMuxed } from './muxed.js';

/** The proxies in front of a service; null when there are none. Where no connection is accepted by superd the line is an error. */
export function resolveProxyFrom(draft: ServiceDraft): readonly Prefix[] | null {
  const { proxy_from, proxy_protocol, wait } = draft.settings;
  if (proxy_protocol !== undefined && !isRedirect(draft))
    draft.findings
      .at(proxy_protocol.origin, 'proxy_protocol')
      .error('contradiction', 'is about what redirect sends; to hear of clients from a proxy write "proxy_from = ADDRESS"');
  if (proxy_from === undefined) return null;
  const report = draft.findings.at(proxy_from.origin, 'proxy_from');
  if (isUnix(draft)) report.error('contradiction', 'callers of a unix socket have no address to tell a proxy by; delete the line');
  else if (isMuxed(draft)) report.error('contradiction', 'clients come by way of tcpmux; write it in the service tcpmux');
  else if (socketType(draft) !== 'stream') report.error('contradiction', 'only streams begin with a header; delete the line');
  else if (wait?.value === true)
    report.error('contradiction', 'with "wait = yes" the server accepts, and superd never sees the header; write "wait = no"');
  return proxy_from.value.flatMap(({ prefixes }) => prefixes);
}
