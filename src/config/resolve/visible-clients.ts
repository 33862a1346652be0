import type { AttributeName } from '../attributes/table.js';
import { hasFlag, isIntercepted, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { BannersPlan, EndpointPlan, FailureField, LogPlan, SuccessField } from '../plan.js';

/** Whether superd itself accepts each connection, so that it can write to the client and ask the client's host. */
const seesEachClient = (draft: ServiceDraft): boolean =>
  socketType(draft) === 'stream' && (draft.settings.wait?.value !== true || isIntercepted(draft));

/** Notes an attribute of the service itself; an inherited one is meant for other services. */
function noteNoEffect({ settings, findings }: ServiceDraft, name: AttributeName, what: string, why: string): void {
  const setting = settings[name];
  if (setting !== undefined && !setting.inherited) findings.at(setting.origin).note('without-effect', `${what} has no effect: ${why}`);
}

const UNIX_CLIENT = 'no ident server knows the clients of a unix socket';
const NO_CONNECTION = 'superd accepts no connection for a client of this service (dgram, or wait = yes)';

/** The banners for clients; null where superd has no connection to a client. */
export function resolveBanners(draft: ServiceDraft): BannersPlan | null {
  const { banner, banner_success, banner_fail } = draft.settings;
  if (banner === undefined && banner_success === undefined && banner_fail === undefined) return null;
  if (seesEachClient(draft))
    return { first: banner?.value ?? null, success: banner_success?.value ?? null, fail: banner_fail?.value ?? null };
  for (const name of ['banner', 'banner_success', 'banner_fail'] as const) noteNoEffect(draft, name, name, NO_CONNECTION);
  return null;
}

/** Whether IDONLY has an effect; as in xinetd it requires USERID. */
export function requiresIdent(draft: ServiceDraft): boolean {
  if (!hasFlag(draft, 'IDONLY')) return false;
  const { settings, findings, block } = draft;
  const report = findings.at(settings.flags?.origin ?? block.origin);
  if (!seesEachClient(draft) || isUnix(draft)) {
    report.warning('without-effect', `flags: IDONLY has no effect and refuses no client: ${isUnix(draft) ? UNIX_CLIENT : NO_CONNECTION}`);
    return false;
  }
  if (settings.log_on_success?.value.has('USERID') === true) return true;
  report.warning(
    'without-effect',
    'flags: IDONLY has no effect without USERID in log_on_success, as in xinetd, and refuses no client; write "log_on_success += USERID"',
  );
  return false;
}

/** The port of the ident protocol: its clients are ident servers, and the two would ask each other without end. */
const IDENT_PORT = 113;

/** Removes USERID where superd cannot ask the client's host, or must not. */
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
        .warning('without-effect', `auth service: clearing USERID option from ${name}: its clients are ident servers themselves`);
    else noteNoEffect(draft, name, `${name}: USERID`, isUnix(draft) ? UNIX_CLIENT : NO_CONNECTION);
  }
  return { ...log, onSuccess: without(log.onSuccess), onFailure: without(log.onFailure) };
}

function without<T extends SuccessField | FailureField>(fields: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...fields].filter((field) => field !== 'USERID'));
}

/** Reports what superd accepts for the sake of old files without effect, and what is unavailable. */
export function reportUnavailable(draft: ServiceDraft, hasSelinux: () => boolean): void {
  const { settings, findings, block } = draft;
  if (settings.mdns?.value === 'yes')
    noteNoEffect(draft, 'mdns', 'mdns', 'superd announces nothing, like xinetd since 2.3.15; write a file in /etc/avahi/services');
  if (hasFlag(draft, 'LABELED'))
    findings
      .at(settings.flags?.origin ?? block.origin)
      .error(
        'contradiction',
        `flags: LABELED (servers with the SELinux label of their client) is unavailable${withoutLabels(hasSelinux())}`,
      );
}

function withoutLabels(hasSelinux: boolean): string {
  return hasSelinux
    ? '; remove the flag, and servers get their label from the policy (a type_transition from the label of superd)'
    : ': this machine has no SELinux (nothing is mounted at /sys/fs/selinux); remove the flag, and nothing else changes';
}
