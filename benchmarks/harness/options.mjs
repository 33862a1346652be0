import { parseArgs } from 'node:util';

/** `command` is the command line that messages show. */
export const usage = (command) => `usage: ${command} [--quick] [--case NAME]... [--peer NAME]... [--rounds N] [--seconds N] [--write-docs]

  --quick         2 rounds of 1 s instead of 5 of 3 s; nothing is written
  --case NAME     only this case; may be repeated
  --peer NAME     only this program; may be repeated
  --rounds N      how often every program is measured
  --seconds N     how long each time
  --write-docs    put the tables into docs/performance.md`;

/** Reads the command line and checks its names against the known ones; throws an Error that names the wrong word. */
export function readOptions(argv, caseNames, peerNames) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: caseNames },
      peer: { type: 'string', multiple: true, default: peerNames },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  mustBeKnown('--case', values.case, caseNames);
  mustBeKnown('--peer', values.peer, peerNames);
  return {
    help: values.help,
    quick: values.quick,
    cases: values.case,
    peers: values.peer,
    rounds: positive('--rounds', values.rounds ?? (values.quick ? '2' : '5')),
    seconds: positive('--seconds', values.seconds ?? (values.quick ? '1' : '3')),
    writeDocs: values['write-docs'],
  };
}

function mustBeKnown(option, names, known) {
  const stranger = names.find((name) => !known.includes(name));
  if (stranger) throw new Error(`${option}: wanted one of ${known.join(', ')}, found "${stranger}"`);
}

function positive(option, text) {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${option}: wanted a number above 0, found "${text}"`);
}
