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

/** The events in the log of a service; all others go to the program log. */
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
 * Whether `log_on_success` and `log_on_failure` of a service include this event (xinetd.conf(5)): any success word includes starts, EXIT or
 * DURATION includes ends, any failure word includes refusals. Output of servers is always included; `stderr` decides about it.
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
      return event.required;
    case 'server-said':
      return true;
  }
}

/** Whether to log the bytes of an ended session: TRAFFIC in `log_on_success`, and superd has counted them. */
export function wantsTraffic(event: SessionEvent, log: LogPlan): event is SessionEnded & { readonly traffic: Traffic } {
  return event.type === 'session-ended' && event.traffic !== undefined && log.onSuccess.has('TRAFFIC');
}

/** Whether the line has the address of the client: HOST in the list that includes the line. */
export function includesHost(event: SessionEvent, log: LogPlan): boolean {
  if (event.type === 'server-said') return false;
  const refused =
    event.type === 'session-refused' ||
    event.type === 'session-shadowed' ||
    event.type === 'session-failed' ||
    ('session' in event && event.session === null);
  return refused ? log.onFailure.has('HOST') : log.onSuccess.has('HOST');
}
