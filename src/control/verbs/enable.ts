import { setEnabled, setEnabledParams, setEnabledResult } from '../set-enabled.js';
import { defineVerb } from '../verb.js';

export const enable = defineVerb({
  name: 'enable',
  role: 'admin',
  params: setEnabledParams,
  result: setEnabledResult,
  run: (params, call) => setEnabled(params, call, 'on'),
});
