import { switchParams, switchResult, switchServices } from '../switch-services.js';
import { defineVerb } from '../verb.js';

export const enable = defineVerb({
  name: 'enable',
  role: 'admin',
  params: switchParams,
  result: switchResult,
  run: (params, call) => switchServices(params, call, 'on'),
});
