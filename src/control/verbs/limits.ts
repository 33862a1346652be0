import { redactionFor } from '../redaction.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { count, list, nullable, object, optional, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

export const limits = defineVerb({
  name: 'limits',
  role: 'read',
  params: object({ services: optional(services) }),
  result: object({
    limits: list(
      object({
        id: string(),
        limit: string('The attribute'),
        now: count('of the fullest source, where it is a limit for each'),
        most: nullable(count('null is no limit')),
        source: nullable(string('Which source that is')),
      }),
    ),
  }),
  async run({ services: words = [] }, call) {
    const { daemon } = call;
    const shown = await redactionFor(call);
    const { engine } = daemon;
    const ids = new Set(resolveServicesOrAll(engine.units(), words).map(({ id }) => id));
    const wanted = engine.services.filter(({ plan }) => ids.has(plan.id));
    return {
      limits: wanted.flatMap(({ plan: { id, gate }, tally }) => {
        const [source, fullest] = [...tally.runningBySource].reduce<readonly [string | null, number]>(
          (a, b) => (b[1] > a[1] ? b : a),
          [null, 0],
        );
        const row = (limit: string, now: number, most: number, of: string | null = null) => ({
          id,
          limit,
          now,
          most: finite(most),
          source: of,
        });
        const { cps } = tally;
        const inWindow = daemon.now() - cps.windowStart < WINDOW_MS ? cps.count : 0;
        return [
          row('instances', tally.running, gate.instances),
          row('per_source', fullest, gate.perSource, source === null ? null : shown.address(source, id)),
          ...(gate.cps === null ? [] : [row('cps', inWindow, gate.cps.max)]),
        ];
      }),
    };
  },
});

/** cps counts connections of a second. */
const WINDOW_MS = 1000;

function finite(most: number): number | null {
  return Number.isFinite(most) ? most : null;
}
