import { switchParams, switchResult, switchServices } from '../switch-services.js';
import { defineVerb } from '../verb.js';

export const disable = defineVerb({
  name: 'disable',
  role: 'admin',
  params: switchParams,
  result: switchResult,
  run: (params, call) => switchServices(params, call, 'off'),
});
