import type { Command } from '@stricli/core';
import { summaries } from '../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from './command.js';
import type { Io } from './io.js';
import { waiting } from './waiting.js';

interface SwitchCommandFlags extends JsonFlag {
  readonly now: boolean;
}

/** A verb that switches services on or off for good. */
export function switchCommand(verb: 'enable' | 'disable'): Command<Io> {
  return defineCommand<SwitchCommandFlags>({
    summary: summaries[verb],
    description: 'Takes effect with the next apply, reload or start of superd. With --now superd applies the configuration files at once.',
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
