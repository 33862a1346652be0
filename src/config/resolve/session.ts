import { formatDuration } from '../../duration.js';
import { isExternal, isIntercepted, isRedirect, type ServiceDraft, socketType } from '../draft.js';
import type { GatePlan } from '../plan.js';
import type { Setting } from '../settings.js';

/** How long sessions may last, and may be silent; tells where that cannot be known. */
export function resolveSession(draft: ServiceDraft): GatePlan['session'] {
  const { session_limit, session_idle } = draft.settings;
  if (socketType(draft) !== 'dgram') return limits(session_limit, session_idle);
  const passedOn = isRedirect(draft) || isIntercepted(draft);
  const instead = isExternal(draft) && !passedOn ? 'write "flags = INTERCEPT", or ' : '';
  if (!passedOn) refuse(draft, 'session_limit', `what comes in datagrams has no sessions here; ${instead}delete the line`);
  const idle = passedOn ? `write "idle_timeout = ${formatDuration(session_idle?.value ?? 0)}"` : `${instead}delete the line`;
  refuse(draft, 'session_idle', `only of tcp the kernel knows how long nothing was said; ${idle}`);
  return limits(passedOn ? session_limit : undefined, undefined);
}

function limits(limit: Setting<number> | undefined, idle: Setting<number> | undefined): GatePlan['session'] {
  const [limitSeconds, idleSeconds] = [seconds(limit), seconds(idle)];
  return limitSeconds === null && idleSeconds === null ? null : { limitSeconds, idleSeconds };
}

function seconds(setting: Setting<number> | undefined): number | null {
  return setting === undefined || setting.value === 0 ? null : setting.value / 1000;
}

/** What looks like a guard must be one. Those inherited guard other services and are passed over. */
function refuse({ settings, findings }: ServiceDraft, name: 'session_limit' | 'session_idle', why: string): void {
  const setting = settings[name];
  if (setting === undefined || setting.inherited || setting.value === 0) return;
  findings.at(setting.origin).error('contradiction', `${name} cannot hold: ${why}`);
}
