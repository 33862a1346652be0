import type { Command } from '@stricli/core';
import { summaries } from '../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from './command.js';
import type { Io } from './io.js';
import { renderOutcomes } from './render/outcomes.js';
import { waiting } from './waiting.js';

type UnitVerb = 'start' | 'stop' | 'restart' | 'reload' | 'drain';

const WORDS: Readonly<Record<UnitVerb, { readonly doing: string; readonly description?: string }>> = {
  start: { doing: 'starting' },
  stop: { doing: 'stopping' },
  restart: {
    doing: 'restarting',
    description: 'Ends the running servers and begins anew. The door of a service that is started on request stays open meanwhile.',
  },
  reload: {
    doing: 'reloading',
    description:
      "Has the services named read their own configuration again, without ending them. superd's own configuration is read again by apply. " +
      'superd itself is never restarted by either.',
  },
  drain: {
    doing: 'waiting for the last clients of',
  },
};

interface UnitCommandFlags extends JsonFlag {
  readonly wait: boolean;
}

/** A verb that has services do something. */
export function unitCommand(verb: UnitVerb): Command<Io> {
  const { doing, description } = WORDS[verb];
  return defineCommand<UnitCommandFlags>({
    summary: summaries[verb],
    ...(description === undefined ? {} : { description }),
    flags: { json: jsonFlag, wait: { kind: 'boolean', default: true, brief: 'Return when it is done; --no-wait at once' } },
    aliases: { j: 'json' },
    words: { name: 'service', brief: 'Names or ids, patterns with * and ?, or all', least: 1 },
    async run(session, { json, wait }, services) {
      const result = await waiting(session, `${doing} ${services.join(' ')}`, session.control.call(verb, { services, wait }));
      const { errors, exitCode } = renderOutcomes(verb, result.units);
      session.tell(errors);
      if (json) await session.print(`${JSON.stringify(result, null, 2)}\n`);
      return exitCode;
    },
  });
}
