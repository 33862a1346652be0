import type { Prefix } from '../../address/prefix-set.js';
import { isRedirect, isUnix, type ServiceDraft, socketType } from '../draft.js';
import { isMuxed } from './muxed.js';

/** The proxies in front of a service; null without any. An error where superd accepts no connections. */
export function resolveProxyFrom(draft: ServiceDraft): readonly Prefix[] | null {
  const { proxy_from, proxy_protocol, wait } = draft.settings;
  if (proxy_protocol !== undefined && !isRedirect(draft))
    draft.findings
      .at(proxy_protocol.origin, 'proxy_protocol')
      .error('contradiction', 'is for the header that redirect sends; to read headers from a proxy write "proxy_from = ADDRESS"');
  if (proxy_from === undefined) return null;
  const report = draft.findings.at(proxy_from.origin, 'proxy_from');
  if (isUnix(draft)) report.error('contradiction', 'clients of a unix socket have no address that could identify a proxy; delete the line');
  else if (isMuxed(draft)) report.error('contradiction', 'clients come through tcpmux; write the line in the service tcpmux');
  else if (socketType(draft) !== 'stream') report.error('contradiction', 'only streams begin with a header; delete the line');
  else if (wait?.value === true)
    report.error('contradiction', 'with "wait = yes" the server accepts, and superd never sees the header; write "wait = no"');
  return proxy_from.value.flatMap(({ prefixes }) => prefixes);
}
