import { builtinNames, builtinOf } from '../builtins.js';
import { isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { Credentials, InternalPlan } from '../plan.js';
import type { ProgramFacts } from './host-facts.js';
import { resolveExecution } from './program.js';

/** xinetd's: without `user` it does its own work as it is. Only commands of access rules run as anybody here. */
const ROOT: Credentials = { uid: 0, gid: 0, groups: [] };

/** What superd answers itself; null when there is no such service, which the findings tell. */
export function resolveInternal(draft: ServiceDraft, host: ProgramFacts): Pick<InternalPlan, 'activation' | 'builtin' | 'program'> | null {
  const program = resolveExecution(draft, host, host.self ?? ROOT);
  const builtin = resolveName(draft);
  reportUnused(draft);
  return program === null || builtin === null ? null : { activation: 'internal', builtin, program };
}

function resolveName(draft: ServiceDraft): InternalPlan['builtin'] | null {
  const { block, findings, settings } = draft;
  const type = socketType(draft);
  if (type === null) return null;
  const report = findings.at(settings.type?.origin ?? block.origin);
  if (type === 'raw' || type === 'seqpacket') {
    report.error('contradiction', `type: INTERNAL wants socket_type stream or dgram, found ${type}`);
    return null;
  }
  if (type === 'dgram' && isUnix(draft)) {
    report.error('contradiction', 'type: INTERNAL answers no datagrams of unix sockets, whose senders mostly have no address; use stream');
    return null;
  }
  const builtin = builtinOf(draft);
  if (builtin === null)
    report.error(
      'unknown-internal',
      `type: superd answers no ${type} service ${block.name} itself (INTERNAL); wanted as its name ${builtinNames(type).join(', ')}; what is different can stand in id`,
    );
  return builtin;
}

function reportUnused({ findings, settings }: ServiceDraft): void {
  for (const name of ['server', 'server_args'] as const) {
    const setting = settings[name];
    if (setting !== undefined)
      findings.at(setting.origin).warning('contradiction', `${name}: superd itself answers (type = INTERNAL); the line is ignored`);
  }
  if (settings.wait?.value === true && settings.socket_type?.value === 'stream')
    findings
      .at(settings.wait.origin)
      .note(
        'contradiction',
        'wait: superd accepts the connections of its own services whatever is written; xinetd with yes serves one after another',
      );
}
