import { daemonStateNames, daemonStates, listeningStates } from '../report/states.js';
import { eventNames, events, table } from './machine.js';

/** docs/states.md, drawn from the tables. */
export function renderStatesPage(): string {
  const moves = daemonStateNames.flatMap((from) =>
    eventNames.map((event) => ({ from, event, ...table[from][event] })).filter(({ to, effect }) => to !== from || effect !== 'nothing'),
  );
  return [
    '<!-- Made by scripts/manual.mjs from src/report/states.ts and src/supervise/machine.ts; edit there. -->',
    '# States',
    '',
    'For operators and for authors of programs that read `superctl list --json`, `superctl events` or the metrics: the same names appear in all',
    'of them. `superctl list --state NAME` shows the services in one state.',
    '',
    '## A service that listens',
    '',
    '| state | meaning |',
    '|---|---|',
    ...rows(listeningStates),
    '',
    '## A resident daemon or an init script',
    '',
    'A service with several replicas shows the state of the worst one. [standalone.md](standalone.md) explains resident daemons.',
    '',
    '| state | meaning |',
    '|---|---|',
    ...rows(daemonStates),
    '',
    '## How a resident daemon changes its state',
    '',
    'Each replica changes its state by these events and no others. An event that a state does not list changes nothing. An init script has the',
    'same states; its script does the work.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...daemonStateNames.filter((name) => nodeOf(name) !== name).map((name) => `  state "${name}" as ${nodeOf(name)}`),
    '  [*] --> stopped',
    ...moves.filter(({ from, to }) => from !== to).map(({ from, event, to }) => `  ${nodeOf(from)} --> ${nodeOf(to)}: ${event}`),
    '```',
    '',
    '| event | occasion |',
    '|---|---|',
    ...rows(events),
    '',
    '| state | event | next state | what superd does |',
    '|---|---|---|---|',
    ...moves.map(({ from, event, to, effect }) => `| \`${from}\` | \`${event}\` | \`${to}\` | ${effect === 'nothing' ? '' : effect} |`),
    '',
  ].join('\n');
}

const rows = (meanings: Readonly<Record<string, string>>) =>
  Object.entries(meanings).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);

/** Mermaid takes no hyphen in the name of a node. */
const nodeOf = (state: string) => state.replaceAll('-', '_');
