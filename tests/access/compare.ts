import { compileTables, type Decision, decide, type FactAnswer, type Need, RequestFacts } from '../../src/access/index.js';
import type { OracleAnswer, Row, RowRequest } from './oracle/oracle.js';

/** superd's answer to a row, in the form of the oracle. */
export interface Reading {
  readonly verdict: 'allow' | 'deny' | 'twist' | 'exit';
  /** Commands in order: spawn, and aclexec when a rule asks for it. */
  readonly commands: readonly string[];
  readonly twist: string | undefined;
  readonly rule: string | null;
  readonly optionErrors: number;
}

const accounts = new Set(['user root', 'user daemon', 'user nobody', 'group root', 'group daemon']);

/** The machine and the oracle's rule for commands. */
function answer(need: Need, request: RowRequest): FactAnswer {
  switch (need.fact) {
    case 'account':
      return accounts.has(`${need.database} ${need.name}`);
    case 'netgroup':
      return false;
    case 'file':
      return need.path === '/dev/null' ? '' : null;
    case 'command':
      return need.command.includes('false') ? 1 : 0;
    case 'client-name':
      return request.hostname;
    case 'server-name':
      return request.server_hostname;
    case 'user':
      return request.user;
  }
}

/** Whether names and users come with the request, or from a look-up when a rule asks. */
export type Knowledge = 'given' | 'looked-up';

export function read({ allow, deny, request }: Row, knowledge: Knowledge = 'given'): Reading {
  const tables = compileTables({ allow: { path: 'hosts.allow', content: allow }, deny: { path: 'hosts.deny', content: deny } });
  const given = (text: string) => (knowledge === 'given' ? text : undefined);
  const facts = new RequestFacts({
    daemon: request.daemon,
    user: given(request.user),
    client: { address: request.address, name: given(request.hostname), port: request.client_port },
    server: { address: request.server_address, name: given(request.server_hostname), port: request.server_port },
  });
  const commands: string[] = [];
  let spawns = 0;
  const note = (effects: Decision['effects']) => {
    const all = effects.filter((one) => one.kind === 'spawn');
    for (const { command } of all.slice(spawns)) commands.push(command);
    spawns = all.length;
  };
  let decision = decide(tables, facts);
  while (decision.kind === 'needs') {
    note(decision.effects);
    if (decision.need.fact === 'command') commands.push(decision.need.command);
    facts.learn(decision.need, answer(decision.need, request));
    decision = decide(tables, facts);
  }
  note(decision.effects);
  const tooLong = decision.problem.includes('longer than');
  return {
    verdict: tooLong ? 'exit' : decision.twist !== null ? 'twist' : decision.verdict,
    commands,
    twist: decision.twist ?? undefined,
    rule: decision.rule === null ? null : `${decision.rule.path}:${decision.rule.line}`,
    optionErrors: decision.reason === 'option-error' && !tooLong ? 1 : 0,
  };
}

/** The differences, '' for none. Only `%p` cannot be equal. */
export function difference(row: Row, oracle: OracleAnswer): string {
  const ours = read(row);
  const theirs = { ...oracle, optionErrors: oracle.log.filter((line) => line.startsWith('error: ')).length };
  for (const key of ['verdict', 'twist', 'optionErrors', 'commands'] as const) {
    const [a, b] = [JSON.stringify(ours[key]), JSON.stringify(theirs[key])];
    if (a !== b) return `${key}: superd ${a}, libwrap ${b}`;
  }
  return '';
}
