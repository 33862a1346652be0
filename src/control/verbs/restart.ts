import { commandUnits } from '../command-units.js';
import { commandParams, commandResult } from '../protocol.js';
import { defineVerb } from '../verb.js';

export const restart = defineVerb({
  name: 'restart',
  role: 'admin',
  summary: 'End what runs and begin anew; the doors of services that start on request stay open',
  params: commandParams,
  result: commandResult,
  run: (params, call) => commandUnits(params, call, (unit) => unit.restart()),
});
