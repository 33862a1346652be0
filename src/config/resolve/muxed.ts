import { hasType, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { MuxedPlan, ServicePlan } from '../plan.js';

/** A plan of a service that is reached through tcpmux, before it is known through which. */
export type MuxedDraft = DistributedOmit<MuxedPlan>;
type DistributedOmit<P> = P extends MuxedPlan ? Omit<P, 'endpoint'> : never;

/** RFC 1078: no port of its own, but a name on that of the service tcpmux. */
export function isMuxed(draft: ServiceDraft): boolean {
  return hasType(draft, 'TCPMUX') || hasType(draft, 'TCPMUXPLUS');
}

/** Tells of what does not go together with tcpmux. */
export function checkMuxed(draft: ServiceDraft): void {
  const { findings, settings, block } = draft;
  const at = findings.at(settings.type?.origin ?? block.origin);
  const type = socketType(draft);
  const protocol = settings.protocol?.value.toLowerCase() ?? 'tcp';
  if (isUnix(draft) || protocol !== 'tcp' || (type !== null && type !== 'stream'))
    at.error('contradiction', 'type: a TCPMUX service is a tcp stream; write "socket_type = stream" and "protocol = tcp"');
  if (hasType(draft, 'INTERNAL') && block.name === 'tcpmux')
    at.error('contradiction', 'type: tcpmux cannot be reached through itself; INTERNAL alone makes the service, TCPMUX those behind it');
  if (hasType(draft, 'RPC')) at.error('contradiction', 'type: RPC and TCPMUX are two ways to a service; write one of them');
  if (settings.redirect !== undefined)
    findings
      .at(settings.redirect.origin)
      .error('contradiction', 'redirect: a TCPMUX service cannot be passed on; write server, or a port of its own');
  if (/^help$/i.test(block.name)) at.warning('contradiction', 'type: tcpmux answers the name help itself, with a list; use another name');
  for (const name of ['port', 'bind'] as const) {
    const setting = settings[name];
    if (setting !== undefined && !setting.inherited)
      findings.at(setting.origin).warning('contradiction', `${name}: a TCPMUX service has no socket of its own; the line is ignored`);
  }
}

/** Joins the services behind tcpmux to the one that they are reached through; what cannot be reached is told and left out. */
export function joinMuxed(
  muxed: readonly { readonly draft: ServiceDraft; readonly plan: MuxedDraft }[],
  services: readonly { readonly draft: ServiceDraft; readonly plan: ServicePlan }[],
): MuxedPlan[] {
  const door = services.find(({ plan }) => plan.activation === 'internal' && plan.builtin === 'tcpmux');
  if (door !== undefined && muxed.length === 0)
    door.draft.findings
      .at(door.plan.origin)
      .note('contradiction', 'tcpmux: no service stands behind it; those have "type = TCPMUX UNLISTED" or "type = TCPMUXPLUS UNLISTED"');
  const taken = new Map<string, MuxedDraft>();
  return muxed.flatMap(({ draft, plan }) => {
    const name = plan.name.toLowerCase();
    const other = taken.get(name);
    const report = draft.findings.at(draft.settings.type?.origin ?? plan.origin);
    if (other !== undefined)
      report.error(
        'duplicate-endpoint',
        `service ${plan.name} has the name of service ${other.name} (${other.origin.path}:${other.origin.line}) behind tcpmux, which does not tell capitals; rename or disable one`,
      );
    else if (door === undefined)
      report.warning(
        'contradiction',
        `type: nobody can reach ${plan.name}: there is no service tcpmux that runs ("service tcpmux" with "type = INTERNAL", "socket_type = stream", "wait = no")`,
      );
    if (other !== undefined || door === undefined) return [];
    taken.set(name, plan);
    return [{ ...plan, endpoint: door.plan.endpoint }];
  });
}
