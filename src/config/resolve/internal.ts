import { builtinNames, builtinOf } from '../builtins.js';
import { isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { Credentials, InternalPlan } from '../plan.js';
import type { ProgramFacts } from './host-facts.js';
import { resolveExecution } from './program.js';

/** The credentials without `user`, as with xinetd. Here they apply only to commands of access rules. */
const ROOT: Credentials = { uid: 0, gid: 0, groups: [] };

/** The plan of a service that superd itself answers; null after reporting that there is none with this name. */
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
    report.error('contradiction', `type: INTERNAL needs socket_type stream or dgram, found ${type}`);
    return null;
  }
  if (type === 'dgram' && isUnix(draft)) {
    report.error(
      'contradiction',
      'type: INTERNAL does not answer datagrams on a unix socket, because most senders have no address; write "socket_type = stream"',
    );
    return null;
  }
  const builtin = builtinOf(draft);
  if (builtin === null)
    report.error(
      'unknown-internal',
      `type: superd has no built-in ${type} service ${block.name} (INTERNAL); wanted one of ${builtinNames(type).join(', ')} as the name, and any other name in id`,
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
        'wait has no effect: superd itself accepts the connections of its built-in services; xinetd with yes serves one after another',
      );
}
