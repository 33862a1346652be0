import { listenerReasonNames, listenerReasons, listenerStateNames, listenerStates, listenerTable } from './listener-states.js';

/** The part of docs/states.md about listeners, generated from the table. */
export function renderListenerStates(): string {
  const moves = listenerStateNames.flatMap((from) =>
    listenerReasonNames
      .map((reason) => ({ from, reason, ...listenerTable[from][reason] }))
      .filter(({ to, effect }) => to !== from || effect !== 'nothing'),
  );
  return [
    '',
    '## How a listener changes its state',
    '',
    'The socket of a service that listens has states of its own, in src/engine/services/listener-states.ts. It changes its state for these reasons and',
    'no others. `superctl list` shows `handed-over` as `listening`, and `stopped` as `draining` while sessions go on.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  state "handed-over" as handed_over',
    '  [*] --> stopped',
    ...moves.filter(({ from, to }) => from !== to).map(({ from, reason, to }) => `  ${nodeOf(from)} --> ${nodeOf(to)}: ${reason}`),
    '```',
    '',
    '| state | meaning |',
    '|---|---|',
    ...rows(listenerStates),
    '',
    '| reason | occasion |',
    '|---|---|',
    ...rows(listenerReasons),
    '',
    '| state | reason | next state | what superd does |',
    '|---|---|---|---|',
    ...moves.map(({ from, reason, to, effect }) => `| \`${from}\` | \`${reason}\` | \`${to}\` | ${effect === 'nothing' ? '' : effect} |`),
    '',
  ].join('\n');
}

const rows = (meanings: Readonly<Record<string, string>>) =>
  Object.entries(meanings).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);

/** Mermaid takes no hyphen in the name of a node. */
const nodeOf = (state: string) => state.replaceAll('-', '_');
