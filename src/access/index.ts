/**
 * The access language of TCP Wrappers (hosts.allow, hosts.deny) as a library: no I/O, no native code, no look-ups.
 *
 * @packageDocumentation
 */
export type { HasInterface } from './addresses.js';
export { renderBanner } from './banner.js';
export { toText } from './bytes.js';
export { type AccessVerdict, type Decision, type DecisionReason, decide, type RuleOrigin, type Undecided } from './decide.js';
export { decideWith, type FetchFact } from './decide-with.js';
export { describeClient } from './describe.js';
export type { Effect } from './effect.js';
export { expansionLetters } from './expand.js';
export {
  IDENT_PORT,
  IDENT_REPLY_BYTES,
  IDENT_SECONDS,
  type IdentPorts,
  type IdentReply,
  identQuery,
  lookUpUser,
  parseIdentReply,
  readIdentReply,
} from './ident.js';
export { lintTables } from './lint/lint.js';
export { lintPatternFile, type PatternFile, patternFileHosts } from './lint/lint-pattern-file.js';
export { lintRules, patternFiles, type ReadPatternFile } from './lint/lint-rules.js';
export { type OptionSpec, optionTable } from './options.js';
export type { TableSource } from './parse.js';
export type { ClientElement, DaemonElement, HostPattern } from './pattern.js';
export { type Endpoint, type FactAnswer, type Need, type Request, RequestFacts } from './request.js';
export { type ConfirmedName, confirmName, type NameLookUps } from './resolve-client.js';
export type { Rule, RuleDiagnostic, RuleTable } from './rule.js';
export { type AccessTables, type CompiledTable, compileTables, type TableSources, tableDiagnostics } from './tables.js';
