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
        now: count('The present value; for a limit per source, that of the source closest to it'),
        most: nullable(count('null: no limit')),
        source: nullable(string('The source closest to the limit')),
      }),
    ),
  }),
  async run({ services: words = [] }, call) {
    const { daemon } = call;
    const redaction = await redactionFor(call);
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
          row('per_source', fullest, gate.perSource, source === null ? null : redaction.address(source, id)),
          ...(gate.cps === null ? [] : [row('cps', inWindow, gate.cps.max)]),
        ];
      }),
    };
  },
});

/** cps counts the connections of one second. */
const WINDOW_MS = 1000;

function finite(most: number): number | null {
  return Number.isFinite(most) ? most : null;
}
