import type { ReadStream, WriteStream } from 'node:tty';
import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, switchFlag } from '../command.js';
import { secondsOf } from '../flag-values.js';

interface TopFlags extends JsonFlag {
  readonly once: boolean;
  readonly interval: number;
}

export const top = defineCommand<TopFlags>({
  summary: summaries.top,
  description:
    "Shows sessions, starts and refusals per second, refusals by reason, CPU time and memory, and the delay of superd's event loop. ? lists the keys. " +
    'When standard output is no terminal, prints one snapshot.',
  flags: {
    json: { ...jsonFlag, brief: 'Print one snapshot as JSON' },
    once: switchFlag('Print one snapshot'),
    interval: { kind: 'parsed', parse: secondsOf, default: '1s', brief: 'Time between updates', placeholder: 'time' },
  },
  arguments: [],
  async run({ control, style, print, io }, { json, once, interval }) {
    if (json) {
      await print(jsonText(await control.call('top', {})));
      return 0;
    }
    const isTerminal = io.screen.isTTY === true && (io.stdin as { isTTY?: boolean }).isTTY === true;
    if (once || !isTerminal) {
      const { snapshot } = await import('../top/frame.js');
      await print(snapshot({ history: [await control.call('top', {})], sessions: null, problem: '' }, style));
      return 0;
    }
    const [{ watch }, { TopScreen }] = await Promise.all([import('../top/watch.js'), import('../top/screen.js')]);
    return watch(control, new TopScreen(io.stdin as ReadStream, io.screen as WriteStream), style, interval * 1000);
  },
});
