import { summaries } from '../../control/summaries.js';
import { type CommandContext, defineCommand, type JsonFlag, jsonFlag, jsonText, valueFlag } from '../command.js';
import { secondsOf } from '../flag-values.js';
import { withProgress } from '../progress.js';
import { counted } from '../render/units.js';
import { waitForYes } from '../wait-for-yes.js';

interface ApplyFlags extends JsonFlag {
  readonly confirm?: number;
}

export const apply = defineCommand<ApplyFlags>({
  summary: summaries.apply,
  description:
    'superctl plan shows what it would do. With --confirm, sessions that it would end live on, and superd returns to the previous configuration ' +
    'unless you answer yes, or run superctl confirm elsewhere, in time. It also returns when superctl is killed.',
  flags: {
    json: jsonFlag,
    confirm: { ...valueFlag('Roll back unless confirmed within this time, as 60s', 'time'), parse: secondsOf },
  },
  arguments: [],
  async run(context, { json, confirm }) {
    if (confirm !== undefined) return applyProvisionally(context, confirm);
    const result = await withProgress(context, 'applying', context.control.call('apply', {}));
    const { added, kept, dropped } = result;
    if (json) await context.print(jsonText(result));
    else context.note(`${counted(added, 'service')} added, ${kept} kept, ${dropped} dropped\n`);
    return 0;
  },
});

/** @returns 1 when superd has returned to the previous configuration. */
async function applyProvisionally({ control, note, io }: CommandContext, seconds: number): Promise<number> {
  const decided = new AbortController();
  try {
    for await (const { state } of control.stream('try', { seconds })) {
      if (state === 'confirmed') return 0;
      if (state === 'unchanged') {
        note('the files change nothing: there is nothing to confirm\n');
        return 0;
      }
      if (state === 'rolled-back') break;
      note(
        `the new configuration is running; superd rolls back in ${seconds}s unless you type yes here or run superctl confirm elsewhere\n`,
      );
      waitForYes(io.stdin, decided.signal).then(
        () => control.call('confirm', {}).catch(() => {}),
        () => {},
      );
    }
  } finally {
    decided.abort();
  }
  note('superctl: not confirmed: rolled back to the previous configuration\n');
  return 1;
}
