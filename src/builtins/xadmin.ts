import { GONE } from '../os/stream.js';
import type { BuiltinContext } from './context.js';
import type { ClientStream } from './line.js';
import { runningServers } from './servers.js';
import { writePieces } from './write-line.js';

const PROMPT = '> ';

/** A longer command is none; so much is kept of one that has not come to its end. */
const LONGEST_COMMAND = 256;

const HELP = `help        this text
show run    what runs
show avail  what can be had
bye, exit, quit
A command may be cut short where it can mean nothing else.
`;

/** What a line asks for; `null` ends the conversation. */
type XadminReply = Iterable<string> | null;

/** xinetd's of old: asked for the services and what runs of them, line by line. It changes nothing. */
export async function xadmin(line: ClientStream, house: BuiltinContext): Promise<void> {
  let begun = '';
  if (!(await writePieces(line, [PROMPT]))) return;
  while (await line.readable()) {
    const got = line.receive(house.room);
    if (got === 0 || got === GONE) return;
    if (got < 0) continue;
    const commands = (begun + Buffer.from(house.room.subarray(0, got)).toString('latin1')).split('\n');
    begun = (commands.pop() as string).slice(0, LONGEST_COMMAND + 1);
    for (const command of commands) {
      const reply = command.length > LONGEST_COMMAND ? ['the command is too long\n'] : replyTo(command, house);
      if (reply === null) return void (await writePieces(line, ['bye bye\n']));
      if (!(await writePieces(line, reply)) || !(await writePieces(line, [PROMPT]))) return;
      // Thousands may stand in one line of a caller who reads as fast as superd writes: others are served between two.
      if (!(await line.writable())) return;
    }
  }
}

function replyTo(command: string, house: BuiltinContext): XadminReply {
  const [verb = '', object = ''] = command.trim().split(/\s+/);
  if (verb === '') return [];
  switch (meant(verb, ['help', 'show', 'bye', 'exit', 'quit'])) {
    case 'help':
      return [HELP];
    case 'show':
      return show(object, house);
    case 'bye':
    case 'exit':
    case 'quit':
      return null;
    default:
      return [`there is no such command; wanted help, show run, show avail or bye\n`];
  }
}

function show(object: string, house: BuiltinContext): Iterable<string> {
  switch (meant(object, ['run', 'avail'])) {
    case 'run':
      return showRunning(house);
    case 'avail':
      return showAvailable(house);
    default:
      return ['show what? wanted run or avail\n'];
  }
}

/** The one word that begins like this. */
function meant(word: string, words: readonly string[]): string | undefined {
  return word === '' ? undefined : words.find((one) => one.startsWith(word));
}

function* showRunning(house: BuiltinContext): Generator<string> {
  yield 'Running services:\n';
  yield 'service    run   retry attempts descriptor\n';
  for (const { id, descriptor, sessions } of house.services()) {
    const running = [...sessions()].length;
    if (running > 0) yield row([id, 10], [running, 5], [0, 5], [0, 8], [descriptor, 0]);
  }
  yield '\n';
  yield* runningServers(house);
}

function* showAvailable(house: BuiltinContext): Generator<string> {
  yield 'Available services:\n';
  yield row(['service', 10], ['port', 6], ['bound address', 16], ['uid', 6], ['redir addr', 16], ['redir port', 0]);
  for (const { id, port, address, uid, target } of house.services())
    yield row([id, 10], [port, 6], [address ?? '*', 16], [uid, 6], [target?.host ?? '', 16], [target?.port ?? '', 0]);
}

function row(...cells: readonly (readonly [cell: string | number, width: number])[]): string {
  return `${cells
    .map(([cell, width]) => String(cell).padEnd(width))
    .join(' ')
    .trimEnd()}\n`;
}
