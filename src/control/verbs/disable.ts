import { setEnabled, setEnabledParams, setEnabledResult } from '../set-enabled.js';
import { defineVerb } from '../verb.js';

export const disable = defineVerb({
  name: 'disable',
  role: 'admin',
  params: setEnabledParams,
  result: setEnabledResult,
  run: (params, call) => setEnabled(params, call, 'off'),
});
