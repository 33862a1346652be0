import type { Command } from '@stricli/core';
import { summaries } from '../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, someServices, switchFlag } from './command.js';
import type { Io } from './io.js';
import { withProgress } from './progress.js';

interface SwitchCommandFlags extends JsonFlag {
  readonly now: boolean;
}

export function switchCommand(verb: 'enable' | 'disable'): Command<Io> {
  return defineCommand<SwitchCommandFlags>({
    summary: summaries[verb],
    description:
      'Takes effect with the next apply, reload or start. --now applies the configuration files at once, with every change in them.',
    flags: { json: jsonFlag, now: switchFlag('Apply the configuration files at once') },
    arguments: [someServices],
    async run(context, { json, now }, services) {
      const result = await withProgress(context, `${verb} ${services.join(' ')}`, context.control.call(verb, { services, now }));
      if (json) await context.print(jsonText(result));
      else if (!now) context.note('takes effect with the next superctl apply\n');
      return 0;
    },
  });
}
