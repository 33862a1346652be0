import { hasType, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { MuxedPlan, ServicePlan } from '../plan.js';

/** The plan of a service behind tcpmux, before its endpoint is known. */
export type MuxedDraft = DistributedOmit<MuxedPlan>;
type DistributedOmit<P> = P extends MuxedPlan ? Omit<P, 'endpoint'> : never;

/** RFC 1078: the service has no port, but a name behind that of the service tcpmux. */
export function isMuxed(draft: ServiceDraft): boolean {
  return hasType(draft, 'TCPMUX') || hasType(draft, 'TCPMUXPLUS');
}

/** Reports what does not work behind tcpmux. */
export function checkMuxed(draft: ServiceDraft): void {
  const { findings, settings, block } = draft;
  const at = findings.at(settings.type?.origin ?? block.origin);
  const type = socketType(draft);
  const protocol = settings.protocol?.value.toLowerCase() ?? 'tcp';
  if (isUnix(draft) || protocol !== 'tcp' || (type !== null && type !== 'stream'))
    at.error('contradiction', 'type: a TCPMUX service is a tcp stream; write "socket_type = stream" and "protocol = tcp"');
  if (hasType(draft, 'INTERNAL') && block.name === 'tcpmux')
    at.error('contradiction', 'type: tcpmux cannot be behind itself; write INTERNAL alone for it, and TCPMUX for the services behind it');
  if (hasType(draft, 'RPC')) at.error('contradiction', 'type: RPC and TCPMUX exclude each other; write one of them');
  if (settings.redirect !== undefined)
    findings
      .at(settings.redirect.origin)
      .error('contradiction', 'redirect: a TCPMUX service cannot redirect; write server, or give the service a port');
  if (/^help$/i.test(block.name)) at.warning('contradiction', 'type: tcpmux itself answers the name help, with a list; use another name');
  for (const name of ['port', 'bind'] as const) {
    const setting = settings[name];
    if (setting !== undefined && !setting.inherited)
      findings.at(setting.origin).warning('contradiction', `${name}: a TCPMUX service has no socket; the line is ignored`);
  }
}

/** Gives the services behind tcpmux its endpoint; reports and drops those that no client could reach. */
export function joinMuxed(
  muxed: readonly { readonly draft: ServiceDraft; readonly plan: MuxedDraft }[],
  services: readonly { readonly draft: ServiceDraft; readonly plan: ServicePlan }[],
): MuxedPlan[] {
  const tcpmux = services.find(({ plan }) => plan.activation === 'internal' && plan.builtin === 'tcpmux');
  if (tcpmux !== undefined && muxed.length === 0)
    tcpmux.draft.findings
      .at(tcpmux.plan.origin)
      .note(
        'contradiction',
        'tcpmux: no service is behind it; such services have "type = TCPMUX UNLISTED" or "type = TCPMUXPLUS UNLISTED"',
      );
  const taken = new Map<string, MuxedDraft>();
  return muxed.flatMap(({ draft, plan }) => {
    const name = plan.name.toLowerCase();
    const other = taken.get(name);
    const report = draft.findings.at(draft.settings.type?.origin ?? plan.origin);
    if (other !== undefined)
      report.error(
        'duplicate-endpoint',
        `service ${plan.name} has the name of service ${other.name} (${other.origin.path}:${other.origin.line}) behind tcpmux, which ignores case; rename or disable one`,
      );
    else if (tcpmux === undefined)
      report.warning(
        'contradiction',
        `type: no client can reach ${plan.name}: no service tcpmux runs ("service tcpmux" with "type = INTERNAL", "socket_type = stream", "wait = no")`,
      );
    if (other !== undefined || tcpmux === undefined) return [];
    taken.set(name, plan);
    return [{ ...plan, endpoint: tcpmux.plan.endpoint }];
  });
}
