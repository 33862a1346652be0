import type { DaemonChanged, Event, Notice, PeerFacts, SessionRefused, SourceBanned } from '../event.js';
import { sanitize, sanitizeWord } from './sanitize.js';

/** One line of the program log, about superd itself or a service as a whole. */
export interface ProgramLine {
  readonly level: Notice['level'];
  readonly text: string;
}

/**
 * Renders an event for the program log, in xinetd's words where it has them; null for events that are not logged there.
 *
 * @param wrappers The name of the service in the access rules, for refusals by them.
 * @example programLine(paused, null) // { level: 'error', text: 'Deactivating service ssh due to excessive incoming connections.  Restarting in 10 seconds.' }
 */
export function programLine(event: Event, wrappers: string | null): ProgramLine | null {
  switch (event.type) {
    case 'notice':
      return { level: event.level, text: sanitize(event.message) };
    case 'service-listening':
      return { level: 'debug', text: `Service ${sanitize(event.service.id)} listens on ${sanitize(event.endpoint)}` };
    case 'service-paused': {
      const reason = event.reason === 'cps' ? 'excessive incoming connections' : 'no available descriptors';
      return {
        level: 'error',
        text: `Deactivating service ${sanitize(event.service.name)} due to ${reason}.  Restarting in ${event.seconds} seconds.`,
      };
    }
    case 'service-resumed':
      // The same level as above, so that a filter by level shows both lines or none.
      return { level: 'error', text: `Activating service ${sanitize(event.service.name)}` };
    case 'service-stopped':
      return { level: 'notice', text: `Service ${sanitize(event.service.id)} stopped` };
    case 'service-unopened':
      return {
        level: 'error',
        text: `Service ${sanitize(event.service.id)} cannot listen yet: ${sanitize(event.problem)}; superd tries again`,
      };
    case 'session-failed':
      return { level: 'error', text: `${sanitize(event.service.id)}: ${sanitize(event.problem)}` };
    case 'session-refused':
      return refusalLine(event, wrappers);
    case 'server-said':
      return { level: 'info', text: `${sanitize(event.service.id)}: ${sanitize(event.text)}` };
    case 'log-health':
      if (event.problem !== '') return { level: 'error', text: `log ${event.sink}: ${sanitize(event.problem)}` };
      return { level: 'notice', text: `log ${event.sink}: written again, ${event.linesLost} lines lost` };
    case 'session-unidentified':
      // Normal: most hosts have no ident server.
      if (event.problem === 'no server') return null;
      return { level: 'info', text: `${sanitize(event.service.id)}: ident server of ${addressOf(event.peer)}: ${sanitize(event.problem)}` };
    case 'session-shadowed':
      return null;
    case 'source-banned':
      if (event.shadow) return { level: 'info', text: predictedBanText(event) };
      return { level: event.cause === 'sensor' ? 'critical' : 'warning', text: banText(event) };
    case 'daemon-changed':
      return daemonLine(event);
    case 'session-started':
    case 'session-answered':
    case 'session-ended':
    case 'session-identified':
      return null;
  }
}

/** xinetd's words; -1 for a permanent ban. */
function banText({ source, at, until }: SourceBanned): string {
  return `Adding ${sanitizeWord(source)} to the global_no_access list for ${until === null ? -1 : Math.round((until - at) / 60_000)} minutes`;
}

function predictedBanText({ source, at, until, service }: SourceBanned): string {
  const time = until === null ? 'permanently' : `for ${Math.round((until - at) / 60_000)} minutes`;
  return `${sanitize(service?.id ?? '')}: would ban ${sanitizeWord(source)} ${time} (enforce = shadow)`;
}

/** Intermediate states are logged at level debug. */
const DAEMON_LEVEL: Record<DaemonChanged['state'], Notice['level']> = {
  stopped: 'notice',
  waiting: 'debug',
  starting: 'debug',
  running: 'notice',
  stopping: 'debug',
  restarting: 'debug',
  'cleaning-up': 'warning',
  backoff: 'info',
  'crash-looping': 'error',
  exited: 'notice',
  failed: 'error',
};

function daemonLine({ service, replica, of, state, detail }: DaemonChanged): ProgramLine {
  const name = of === 1 ? service.id : `${service.id}/${replica}`;
  return {
    level: DAEMON_LEVEL[state],
    text: `Daemon ${sanitize(name)} ${state}${detail === '' ? '' : `: ${sanitize(detail)}`}`,
  };
}

function refusalLine(event: SessionRefused, wrappers: string | null): ProgramLine | null {
  const address = addressOf(event.peer);
  if (event.reason === 'load') return { level: 'error', text: `refused connect from ${address} due to excessive load` };
  if (event.reason === 'wrappers') {
    const { name } = event.service;
    const rule = event.rule === undefined ? '' : ` by ${sanitize(event.rule)}`;
    return {
      level: event.severity ?? 'info',
      text: `libwrap refused connection to ${sanitize(name)} (libwrap=${sanitize(wrappers ?? name)}) from ${address}${rule}`,
    };
  }
  if (event.reason === 'internal')
    return { level: 'error', text: `Service ${sanitize(event.service.id)} has no verdict on ${address}: refused` };
  return null;
}

function addressOf({ address }: PeerFacts): string {
  return address === null ? '<no address>' : sanitizeWord(address);
}
