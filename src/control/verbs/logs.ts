import type { LogPlan } from '../../config/plan.js';
import type { Unit } from '../../engine/unit.js';
import type { Event } from '../../report/event.js';
import type { ControlContext } from '../control-context.js';
import { isAbout, type LogLine, lastLines, lineRenderer, logLine, serviceOf, timeOf } from '../log-lines.js';
import { type Redaction, redactionFor } from '../redaction.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { boolean, count, object, optional, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineStream } from '../verb.js';

const MAX_LINES = 10_000;

export const logs = defineStream({
  name: 'logs',
  role: 'read',
  params: object({
    services: optional(services),
    lines: optional(count('How many recent lines; default: 10')),
    since: optional(count('Only lines after this time, milliseconds since the epoch')),
    grep: optional(string('Only lines that contain this text')),
    follow: optional(boolean('Continue with new lines')),
    raw: optional(boolean('Each line as the bytes of the log, in Base64')),
  }),
  item: object({ line: string() }),
  async open({ services: words = [], lines = 10, since = 0, grep = '', follow = false, raw = false }, call, emit) {
    const { daemon } = call;
    const redaction = await redactionFor(call);
    const emitLine = ({ text, bytes }: LogLine) => emit({ line: raw ? bytes.toString('base64') : text });
    const units = words.length === 0 ? null : resolveServicesOrAll(daemon.engine.units(), words);
    const render = lineRenderer();
    const plans = new Map(daemon.engine.services.map(({ plan }) => [plan.id, plan.log]));
    const logOf = (event: Event) => plans.get(serviceOf(event) ?? '') ?? null;
    const isWanted = (line: string) => line.includes(grep);
    const most = Math.min(lines, MAX_LINES);
    const before =
      units === null
        ? renderRecentEvents(daemon, redaction, null, since)
        : (
            await Promise.all(units.map((unit) => recentLines(unit, plans.get(unit.id) ?? null, daemon, redaction, since, most, isWanted)))
          ).flat();
    const found = before.filter(({ text }) => isWanted(text));
    for (const line of found.slice(Math.max(0, found.length - most))) emitLine(line);
    if (!follow) return null;
    const ids = units === null ? null : new Set(units.map(({ id }) => id));
    return daemon.onEvent((event) => {
      if (ids !== null && !ids.has(serviceOf(event) ?? '')) return;
      const line = render(redaction.event(event), logOf(event));
      if (isWanted(line)) emitLine(logLine(line));
    });
  },
});

/** Reads the captured output or the log file of a service; without either, superd's recent events. */
async function recentLines(
  unit: Unit,
  log: LogPlan | null,
  daemon: ControlContext,
  redaction: Redaction,
  since: number,
  most: number,
  isWanted: (line: string) => boolean,
): Promise<LogLine[]> {
  const isLate = (line: string) => since === 0 || !(timeOf(line) < since);
  if (unit.output !== null) return lastLines(unit.output, most, (line) => isLate(line) && isWanted(line));
  if (log?.sink?.kind !== 'file') return renderRecentEvents(daemon, redaction, unit.id, since);
  return lastLines(log.sink.path, most, (line) => isAbout(line, unit.id) && isLate(line) && isWanted(line));
}

function renderRecentEvents(daemon: ControlContext, redaction: Redaction, id: string | null, since: number): LogLine[] {
  const render = lineRenderer();
  const wanted = daemon.recent.all().filter((event) => event.at >= since && (id === null || serviceOf(event) === id));
  return wanted.map((event) => logLine(render(redaction.event(event), null)));
}
