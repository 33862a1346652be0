import { commandUnits } from '../command-units.js';
import { count, object, string } from '../schema.js';
import { commandResult } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

export const scale = defineVerb({
  name: 'scale',
  role: 'admin',
  params: object({ service: string('Its id'), replicas: count('0 to 1000') }),
  result: commandResult,
  run: ({ service, replicas }, call) => commandUnits({ services: [service] }, call, (unit) => unit.scale(replicas)),
});
