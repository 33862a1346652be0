import type { ReadStream, WriteStream } from 'node:tty';
import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { secondsOf } from '../flag-values.js';

interface TopFlags extends JsonFlag {
  readonly once: boolean;
  readonly interval: number;
}

export const top = defineCommand<TopFlags>({
  summary: summaries.top,
  description:
    'A live view of every service: sessions, starts and refusals a second, refusals by reason, processor time and memory, and how late superd itself is. ? shows the keys. ' +
    'Where standard output is no terminal it is printed once.',
  flags: {
    json: { ...jsonFlag, brief: 'Print one snapshot as JSON' },
    once: { kind: 'boolean', default: false, brief: 'Print one snapshot' },
    interval: { kind: 'parsed', parse: secondsOf, default: '1s', brief: 'Between two looks', placeholder: 'time' },
  },
  aliases: { j: 'json' },
  words: null,
  async run({ control, look, print, context }, { json, once, interval }) {
    if (json) {
      await print(`${JSON.stringify(await control.call('top', {}), null, 2)}\n`);
      return 0;
    }
    const isTerminal = context.screen.isTTY === true && (context.stdin as { isTTY?: boolean }).isTTY === true;
    if (once || !isTerminal) {
      const { snapshot } = await import('../top/picture.js');
      await print(snapshot({ history: [await control.call('top', {})], sessions: null, trouble: '' }, look));
      return 0;
    }
    const [{ watch }, { TopScreen }] = await Promise.all([import('../top/watch.js'), import('../top/screen.js')]);
    return watch(control, new TopScreen(context.stdin as ReadStream, context.screen as WriteStream), look, interval * 1000);
  },
});
