import type { Command } from '@stricli/core';
import { summaries } from '../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, someServices, switchFlag } from './command.js';
import type { Io } from './io.js';
import { withProgress } from './progress.js';
import { renderOutcomes } from './render/outcomes.js';

const PROGRESS = {
  start: 'starting',
  stop: 'stopping',
  restart: 'restarting',
  reload: 'reloading',
  drain: 'waiting for the last clients of',
} as const;

const RELOAD =
  "Does not stop the services. superctl apply reads superd's own configuration again; neither of the two restarts superd itself.";

interface UnitCommandFlags extends JsonFlag {
  readonly noWait: boolean;
}

/** A verb that changes the state of services. */
export function unitCommand(verb: keyof typeof PROGRESS): Command<Io> {
  return defineCommand<UnitCommandFlags>({
    summary: summaries[verb],
    ...(verb === 'reload' ? { description: RELOAD } : {}),
    flags: { json: jsonFlag, noWait: switchFlag('Return immediately') },
    arguments: [someServices],
    async run(context, { json, noWait }, services) {
      const answer = context.control.call(verb, { services, wait: !noWait });
      const result = await withProgress(context, `${PROGRESS[verb]} ${services.join(' ')}`, answer);
      const { errors, exitCode } = renderOutcomes(verb, result.units);
      context.note(errors);
      if (json) await context.print(jsonText(result));
      return exitCode;
    },
  });
}
