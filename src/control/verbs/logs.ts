import type { LogPlan } from '../../config/plan.js';
import type { Unit } from '../../engine/unit.js';
import type { Event } from '../../report/event.js';
import type { ControlContext } from '../control-context.js';
import { type Redaction, redactionFor } from '../redaction.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { boolean, count, object, optional, string } from '../schema.js';
import { isAbout, lastLines, lineRenderer, serviceOf, timeOf } from '../service-lines.js';
import { services } from '../shared-schemas.js';
import { defineStream } from '../verb.js';

const MOST_LINES = 10_000;

export const logs = defineStream({
  name: 'logs',
  role: 'read',
  params: object({
    services: optional(services),
    lines: optional(count('How many of the last, 10 if not said')),
    since: optional(count('Only later ones, milliseconds since the epoch')),
    grep: optional(string('Only lines with this text in them')),
    follow: optional(boolean('Go on for ever')),
  }),
  item: object({ line: string() }),
  async open({ services: words = [], lines = 10, since = 0, grep = '', follow = false }, call, hand) {
    const { daemon } = call;
    const shown = await redactionFor(call);
    const units = words.length === 0 ? null : resolveServicesOrAll(daemon.engine.units(), words);
    const render = lineRenderer();
    const plans = new Map(daemon.engine.services.map(({ plan }) => [plan.id, plan.log]));
    const logOf = (event: Event) => plans.get(serviceOf(event) ?? '') ?? null;
    const isWanted = (line: string) => line.includes(grep);
    const most = Math.min(lines, MOST_LINES);
    const before =
      units === null
        ? lately(daemon, shown, null, since)
        : units.flatMap((unit) => of(unit, plans.get(unit.id) ?? null, daemon, shown, since, most, isWanted));
    const told = before.filter(isWanted);
    for (const line of told.slice(Math.max(0, told.length - most))) hand({ line });
    if (!follow) return null;
    const ids = units === null ? null : new Set(units.map(({ id }) => id));
    return daemon.onEvent((event) => {
      if (ids !== null && !ids.has(serviceOf(event) ?? '')) return;
      const line = render(shown.event(event), logOf(event));
      if (isWanted(line)) hand({ line });
    });
  },
});

/** Of a service with a log file or captured output what stands there, of another what superd still knows. */
function of(
  unit: Unit,
  log: LogPlan | null,
  daemon: ControlContext,
  shown: Redaction,
  since: number,
  most: number,
  isWanted: (line: string) => boolean,
): string[] {
  const isLate = (line: string) => since === 0 || !(timeOf(line) < since);
  if (unit.output !== null) return lastLines(unit.output, most, (line) => isLate(line) && isWanted(line));
  if (log?.sink?.kind !== 'file') return lately(daemon, shown, unit.id, since);
  return lastLines(log.sink.path, most, (line) => isAbout(line, unit.id) && isLate(line) && isWanted(line));
}

function lately(daemon: ControlContext, shown: Redaction, id: string | null, since: number): string[] {
  const render = lineRenderer();
  const wanted = daemon.recent.all().filter((event) => event.at >= since && (id === null || serviceOf(event) === id));
  return wanted.map((event) => render(shown.event(event), null));
}
