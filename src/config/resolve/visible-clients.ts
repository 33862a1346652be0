import type { AttributeName } from '../attributes/table.js';
import { hasFlag, isIntercepted, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { BannersPlan, EndpointPlan, FailureField, LogPlan, SuccessField } from '../plan.js';

/** superd itself accepts each connection: then it can be written to, and its client's host can be asked. */
const seesEachClient = (draft: ServiceDraft): boolean =>
  socketType(draft) === 'stream' && (draft.settings.wait?.value !== true || isIntercepted(draft));

/** Told where it is written; of what is inherited it is clear that it is for others. */
function noteNoEffect({ settings, findings }: ServiceDraft, name: AttributeName, what: string, why: string): void {
  const setting = settings[name];
  if (setting !== undefined && !setting.inherited) findings.at(setting.origin).note('without-effect', `${what} has no effect: ${why}`);
}

const NO_CONNECTION = 'the service has no connection of its own for a client (dgram, or wait = yes)';

/** What is sent to clients; null where there is nobody to send it to. */
export function resolveBanners(draft: ServiceDraft): BannersPlan | null {
  const { banner, banner_success, banner_fail } = draft.settings;
  if (banner === undefined && banner_success === undefined && banner_fail === undefined) return null;
  if (seesEachClient(draft))
    return { first: banner?.value ?? null, success: banner_success?.value ?? null, fail: banner_fail?.value ?? null };
  for (const name of ['banner', 'banner_success', 'banner_fail'] as const) noteNoEffect(draft, name, name, NO_CONNECTION);
  return null;
}

/** IDONLY, which as in xinetd wants USERID beside it. */
export function requiresIdent(draft: ServiceDraft): boolean {
  if (!hasFlag(draft, 'IDONLY')) return false;
  const { settings, findings, block } = draft;
  const report = findings.at(settings.flags?.origin ?? block.origin);
  if (!seesEachClient(draft) || isUnix(draft)) {
    report.warning(
      'without-effect',
      `flags: IDONLY has no effect, anybody may connect: ${isUnix(draft) ? 'no ident server knows clients of a unix socket' : NO_CONNECTION}`,
    );
    return false;
  }
  if (settings.log_on_success?.value.has('USERID') === true) return true;
  report.warning(
    'without-effect',
    'flags: IDONLY has no effect without USERID in log_on_success, as in xinetd: anybody may connect; write "log_on_success += USERID"',
  );
  return false;
}

/** The port of the identification protocol: asking its callers who they are would have both ends ask each other for ever. */
const IDENT_PORT = 113;

/** Takes USERID out of the lists where nobody can or must be asked. */
export function withoutUselessUserId(draft: ServiceDraft, endpoint: EndpointPlan | null, log: LogPlan): LogPlan {
  if (!log.onSuccess.has('USERID') && !log.onFailure.has('USERID')) return log;
  const isIdent = endpoint?.port === IDENT_PORT && endpoint.protocol.name === 'tcp';
  if (!isIdent && seesEachClient(draft) && !isUnix(draft)) return log;
  for (const name of ['log_on_success', 'log_on_failure'] as const) {
    const setting = draft.settings[name];
    if (setting === undefined || !(setting.value as ReadonlySet<string>).has('USERID')) continue;
    if (isIdent)
      draft.findings
        .at(setting.inherited ? draft.block.origin : setting.origin)
        .warning('without-effect', `auth service: clearing USERID option from ${name}: its callers are ident servers themselves`);
    else noteNoEffect(draft, name, `${name}: USERID`, isUnix(draft) ? 'no ident server knows clients of a unix socket' : NO_CONNECTION);
  }
  return { ...log, onSuccess: without(log.onSuccess), onFailure: without(log.onFailure) };
}

function without<T extends SuccessField | FailureField>(fields: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...fields].filter((field) => field !== 'USERID'));
}

/** What is taken for the sake of old files and does nothing, or cannot be had. */
export function reportUnavailable(draft: ServiceDraft, hasSelinux: () => boolean): void {
  const { settings, findings, block } = draft;
  if (settings.mdns?.value === true)
    noteNoEffect(draft, 'mdns', 'mdns', 'superd announces nothing, like xinetd since 2.3.15; a file in /etc/avahi/services does');
  if (hasFlag(draft, 'LABELED'))
    findings
      .at(settings.flags?.origin ?? block.origin)
      .error(
        'contradiction',
        `flags: LABELED would start each server with the SELinux label of its client; ${withoutLabels(hasSelinux())}`,
      );
}

function withoutLabels(hasSelinux: boolean): string {
  return hasSelinux
    ? 'superd does not do that: take the flag away, and servers have the label that the policy gives them (a type_transition from the label of superd)'
    : 'this machine has no SELinux (nothing is mounted at /sys/fs/selinux): take the flag away, and nothing else changes';
}
