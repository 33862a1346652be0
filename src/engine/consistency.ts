import { fstatSync } from 'node:fs';
import type { Reaper } from '../process/reaper.js';
import type { Commands } from './lookups/commands.js';
import type { Service } from './services/service.js';
import { ServerSession } from './sessions/server-session.js';
import type { Session } from './sessions/session.js';

interface ConsistencyContext {
  readonly sessions: ReadonlySet<Session>;
  readonly reaper: Reaper;
  readonly commands: Commands;
}

/**
 * Compares what superd counts in several places: in the gate, as sessions, as processes it waits for; and what the kernel knows of them.
 *
 * @param daemons Processes that superd waits for as resident daemons.
 * @returns A sentence for each contradiction.
 */
export function contradictions(
  services: readonly Service[],
  { sessions, reaper, commands }: ConsistencyContext,
  daemons: number,
): string[] {
  const processes = [...sessions].filter(({ pid }) => pid !== 0 && !exists(pid));
  const launched = [...sessions].filter((session) => session instanceof ServerSession && session.launched).length;
  return [
    ...services.flatMap(ofService),
    ...(reaper.size === launched + commands.running + daemons
      ? []
      : [`${launched} servers, ${daemons} daemons and ${commands.running} commands, but superd waits for ${reaper.size} processes`]),
    ...processes.map(({ id, pid }) => `session ${id}: its process ${pid} does not exist`),
  ];
}

function ofService({ plan, state, socket, tally, sessions }: Service): string[] {
  const counted = [...sessions].filter(({ counting }) => counting === 'counted');
  const addressed = counted.filter(({ source }) => source !== '').length;
  const bySource = [...tally.runningBySource.values()].reduce((sum, count) => sum + count, 0);
  return [
    ...(tally.running === counted.length ? [] : [`${counted.length} sessions, but ${tally.running} are counted`]),
    ...(bySource === addressed ? [] : [`${addressed} sessions with an address, but ${bySource} are counted`]),
    ...(state === 'handed-over' && sessions.size !== 1 ? [`its socket is handed over, and ${sessions.size} servers run`] : []),
    ...(state !== 'paused' && state !== 'stopped' && !isOpen(socket) ? [`it is ${state}, and descriptor ${socket} is not open`] : []),
  ].map((problem) => `Service ${plan.id}: ${problem}`);
}

/** A process that has ended and is not reaped yet exists. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isOpen(fd: number): boolean {
  try {
    return fd >= 0 && fstatSync(fd) !== undefined;
  } catch {
    return false;
  }
}
