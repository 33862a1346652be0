import { formatDuration } from '../../duration.js';
import { isExternal, isIntercepted, isRedirect, type ServiceDraft, socketType } from '../draft.js';
import type { GatePlan } from '../plan.js';
import type { Setting } from '../settings.js';

/** The limits of sessions in time and in silence; reports where superd cannot measure them. */
export function resolveSession(draft: ServiceDraft): GatePlan['session'] {
  const { session_limit, session_idle } = draft.settings;
  if (socketType(draft) !== 'dgram') return limits(session_limit, session_idle);
  const relayed = isRedirect(draft) || isIntercepted(draft);
  const instead = isExternal(draft) && !relayed ? 'write "flags = INTERCEPT", or ' : '';
  if (!relayed) refuse(draft, 'session_limit', `datagrams of this service have no sessions; ${instead}delete the line`);
  const idle = relayed ? `write "idle_timeout = ${formatDuration(session_idle?.value ?? 0)}"` : `${instead}delete the line`;
  refuse(draft, 'session_idle', `the kernel measures silence for tcp only; ${idle}`);
  return limits(relayed ? session_limit : undefined, undefined);
}

function limits(limit: Setting<number> | undefined, idle: Setting<number> | undefined): GatePlan['session'] {
  const [limitSeconds, idleSeconds] = [seconds(limit), seconds(idle)];
  return limitSeconds === null && idleSeconds === null ? null : { limitSeconds, idleSeconds };
}

function seconds(setting: Setting<number> | undefined): number | null {
  return setting === undefined || setting.value === 0 ? null : setting.value / 1000;
}

/** A line that looks like a guard must be one. An inherited line guards other services. */
function refuse({ settings, findings }: ServiceDraft, name: 'session_limit' | 'session_idle', why: string): void {
  const setting = settings[name];
  if (setting === undefined || setting.inherited || setting.value === 0) return;
  findings.at(setting.origin).error('contradiction', `${name} cannot apply: ${why}`);
}
