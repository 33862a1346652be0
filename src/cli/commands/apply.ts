import { summaries } from '../../control/summaries.js';
import { type CommandContext, defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { secondsOf } from '../flag-values.js';
import { counted } from '../render/units.js';
import { waiting } from '../waiting.js';
import { yesFrom } from '../yes.js';

interface ApplyFlags extends JsonFlag {
  readonly confirm?: number;
}

export const apply = defineCommand<ApplyFlags>({
  summary: summaries.apply,
  description:
    'superctl plan shows what it does. With --confirm, sessions that it would end live on, and the configuration before comes back unless you ' +
    'answer yes, or superctl confirm is called elsewhere, in time; also when superctl itself is killed.',
  flags: {
    json: jsonFlag,
    confirm: {
      kind: 'parsed',
      parse: secondsOf,
      optional: true,
      brief: 'Go back unless it is confirmed in time, as in 60s',
      placeholder: 'time',
    },
  },
  aliases: { j: 'json' },
  words: null,
  async run(session, { json, confirm }) {
    if (confirm !== undefined) return tryFor(session, confirm);
    const result = await waiting(session, 'applying', session.control.call('apply', {}));
    const { added, kept, dropped } = result;
    if (json) await session.print(`${JSON.stringify(result, null, 2)}\n`);
    else session.tell(`${counted(added, 'service')} added, ${kept} kept, ${dropped} dropped\n`);
    return 0;
  },
});

/** Ends with 1 when the configuration before runs again. */
async function tryFor({ control, tell, context }: CommandContext, time: number): Promise<number> {
  const asking = new AbortController();
  try {
    for await (const { state } of control.stream('try', { seconds: time })) {
      if (state === 'confirmed') return 0;
      if (state === 'rolled-back') break;
      tell(`the new configuration runs; without «yes» here, or superctl confirm elsewhere, the one before comes back in ${time}s\n`);
      yesFrom(context.stdin, asking.signal).then(
        () => control.call('confirm', {}).catch(() => {}),
        () => {},
      );
    }
  } finally {
    asking.abort();
  }
  tell('superctl: not confirmed: the configuration before runs again\n');
  return 1;
}
