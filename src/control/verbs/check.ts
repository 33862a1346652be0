import type { Diagnostic } from '../../config/diagnostic.js';
import { type RuleRemark, ruleRemarks } from '../../engine/lookups/rule-remarks.js';
import { count, type Infer, list, object, oneOf, string } from '../schema.js';
import { defineVerb } from '../verb.js';

export const remark = object({
  path: string(),
  line: count('0: the whole file'),
  severity: oneOf(['error', 'warning', 'note']),
  code: string(),
  message: string(),
});

export const remarkOf = ({ path, line, severity, code, message }: Diagnostic | RuleRemark): Infer<typeof remark> => ({
  path,
  line,
  severity,
  code,
  message,
});

export const check = defineVerb({
  name: 'check',
  role: 'read',
  params: object({}),
  result: object({ config: string('The main file'), errors: count(), remarks: list(remark) }),
  async run(_, { daemon }) {
    const { diagnostics, plan } = await daemon.load();
    const remarks = [...diagnostics, ...ruleRemarks(plan)].map(remarkOf);
    return { config: daemon.configPath, errors: remarks.filter(({ severity }) => severity === 'error').length, remarks };
  },
});
