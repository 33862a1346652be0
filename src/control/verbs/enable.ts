import { switchParams, switchResult, switchServices } from '../switch-services.js';
import { defineVerb } from '../verb.js';

export const enable = defineVerb({
  name: 'enable',
  role: 'admin',
  summary: 'Enable services until they are disabled again, whatever the files say',
  params: switchParams,
  result: switchResult,
  run: (params, call) => switchServices(params, call, 'on'),
});
