import type { Command } from '@stricli/core';
import { defineCommand, type JsonFlag, jsonFlag } from './command.js';
import type { Io } from './io.js';
import { waiting } from './waiting.js';

interface SwitchCommandFlags extends JsonFlag {
  readonly now: boolean;
}

/** A verb that switches services on or off for good. */
export function switchCommand(verb: 'enable' | 'disable', summary: string): Command<Io> {
  return defineCommand<SwitchCommandFlags>({
    summary,
    description: `${summary}, until the opposite command. It holds from the next apply, reload or start on; --now applies at once all that stands in the files.`,
    flags: { json: jsonFlag, now: { kind: 'boolean', default: false, brief: 'Apply the configuration at once' } },
    aliases: { j: 'json' },
    words: { name: 'service', brief: 'Names or ids, patterns with * and ?, or all', least: 1 },
    async run(session, { json, now }, services) {
      const result = await waiting(session, `${verb} ${services.join(' ')}`, session.control.call(verb, { services, now }));
      if (json) await session.print(`${JSON.stringify(result, null, 2)}\n`);
      else if (!now) session.tell('it holds from the next superctl apply on\n');
      return 0;
    },
  });
}
