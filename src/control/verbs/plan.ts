import { changedAttributes } from '../../config/changed-attributes.js';
import { redactionFor } from '../redaction.js';
import { list, object, oneOf, string } from '../schema.js';
import { readSessionFacts } from '../session-facts.js';
import { sessionFacts as factsSchema } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';
import { remark, remarkOf } from './check.js';

export const plan = defineVerb({
  name: 'plan',
  role: 'read',
  params: object({}),
  result: object({
    steps: list(
      object({
        id: string(),
        action: oneOf(['keep', 'change', 'move', 'add', 'drop'], 'change: in place, sessions go on; move: it restarts at another endpoint'),
        changes: list(string(), 'Attributes that differ'),
        endpoint: string(),
      }),
    ),
    lost: list(object({ session: factsSchema, why: string() }), 'Live sessions that apply would end'),
    errors: list(remark, 'New mistakes: apply changes nothing while there are any'),
    standing: list(remark, 'Mistakes that the running configuration already has'),
  }),
  async run(_, call) {
    const { daemon } = call;
    const redaction = await redactionFor(call);
    const loaded = await daemon.load();
    const added = new Set(daemon.newMistakesIn(loaded));
    const { steps, lost } = await daemon.engine.preview(daemon.planOf(loaded));
    const facts = new Map((await readSessionFacts(lost.map(({ session }) => session))).map((one) => [one.id, one]));
    return {
      steps: steps.map(({ id, action, plans, endpoint }) => {
        const changes = plans === null ? [] : changedAttributes(plans.before, plans.after);
        return { id, action: action === 'keep' && changes.length > 0 ? ('change' as const) : action, changes, endpoint };
      }),
      lost: lost.flatMap(({ session: { id }, why }) => {
        const session = facts.get(id);
        return session === undefined ? [] : [{ session: redaction.session(session), why }];
      }),
      errors: [...added].map(remarkOf),
      standing: loaded.diagnostics.filter((one) => one.severity === 'error' && !added.has(one)).map(remarkOf),
    };
  },
});
