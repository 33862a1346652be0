import type { LogPlan } from '../../config/plan.js';
import type {
  Event,
  ServerSaid,
  SessionAnswered,
  SessionEnded,
  SessionFailed,
  SessionIdentified,
  SessionRefused,
  SessionShadowed,
  SessionStarted,
  SessionUnidentified,
  Traffic,
} from '../event.js';

/** The events that a service's own log tells; everything else goes to the program log. */
export type SessionEvent =
  | SessionStarted
  | SessionAnswered
  | SessionEnded
  | SessionRefused
  | SessionShadowed
  | SessionFailed
  | SessionIdentified
  | SessionUnidentified
  | ServerSaid;

export function isSessionEvent(event: Event): event is SessionEvent {
  return event.type.startsWith('session-') || event.type === 'server-said';
}

/**
 * Whether a service's `log_on_success` and `log_on_failure` ask for a line about this event at all (xinetd.conf(5)): any success
 * word for a start, EXIT or DURATION for an end, any failure word for a refusal. What servers say is asked for by `stderr`.
 */
export function wantsLine(event: SessionEvent, log: LogPlan): boolean {
  switch (event.type) {
    case 'session-started':
    case 'session-answered':
      return log.onSuccess.size > 0;
    case 'session-ended':
      return log.onSuccess.has('EXIT') || log.onSuccess.has('DURATION');
    case 'session-refused':
    case 'session-shadowed':
    case 'session-failed':
      return log.onFailure.size > 0;
    case 'session-identified':
      return (event.session === null ? log.onFailure : log.onSuccess).has('USERID');
    case 'session-unidentified':
      return event.wanted;
    case 'server-said':
      return true;
  }
}

/** Whether `log_on_success` asks for the bytes of a session that has ended, and there are any to tell: TRAFFIC. */
export function wantsTraffic(event: SessionEvent, log: LogPlan): event is SessionEnded & { readonly traffic: Traffic } {
  return event.type === 'session-ended' && event.traffic !== undefined && log.onSuccess.has('TRAFFIC');
}

/** Whether the line may say who called: HOST of the list that asked for the line. */
export function mayNameHost(event: SessionEvent, log: LogPlan): boolean {
  if (event.type === 'server-said') return false;
  const refused =
    event.type === 'session-refused' ||
    event.type === 'session-shadowed' ||
    event.type === 'session-failed' ||
    ('session' in event && event.session === null);
  return refused ? log.onFailure.has('HOST') : log.onSuccess.has('HOST');
}
