import { commandUnits } from '../command-units.js';
import { commandParams, commandResult } from '../protocol.js';
import { defineVerb } from '../verb.js';

export const reload = defineVerb({
  name: 'reload',
  role: 'admin',
  summary: 'Have services read their own configuration again',
  params: commandParams,
  result: commandResult,
  run: (params, call) => commandUnits(params, call, (unit) => unit.reload()),
});
