import { GONE } from '../os/stream.js';
import type { ClientStream } from './client-stream.js';
import type { BuiltinContext } from './context.js';
import { runningServers } from './servers.js';
import { writePieces } from './write-pieces.js';

const PROMPT = '> ';

/** A longer command is rejected; at most this much of an incomplete one is kept. */
const LONGEST_COMMAND = 256;

const HELP = `help        this text
show run    running servers
show avail  available services
bye, exit, quit
Commands can be abbreviated.
`;

/** The answer to a command; `null` ends the session. */
type XadminReply = Iterable<string> | null;

/** The service `xadmin` of older xinetd versions: lists services and running servers on command. It changes nothing. */
export async function xadmin(client: ClientStream, context: BuiltinContext): Promise<void> {
  let begun = '';
  if (!(await writePieces(client, [PROMPT]))) return;
  while (await client.readable()) {
    const got = client.receive(context.buffer);
    if (got === 0 || got === GONE) return;
    if (got < 0) continue;
    const commands = (begun + Buffer.from(context.buffer.subarray(0, got)).toString('latin1')).split('\n');
    begun = (commands.pop() as string).slice(0, LONGEST_COMMAND + 1);
    for (const command of commands) {
      const reply = command.length > LONGEST_COMMAND ? ['the command is too long\n'] : replyTo(command, context);
      if (reply === null) {
        await writePieces(client, ['bye bye\n']);
        return;
      }
      if (!(await writePieces(client, reply)) || !(await writePieces(client, [PROMPT]))) return;
      // One packet may hold thousands of commands: other clients get their turn between two.
      if (!(await client.writable())) return;
    }
  }
}

function replyTo(command: string, context: BuiltinContext): XadminReply {
  const [verb = '', object = ''] = command.trim().split(/\s+/);
  if (verb === '') return [];
  switch (completeWord(verb, ['help', 'show', 'bye', 'exit', 'quit'])) {
    case 'help':
      return [HELP];
    case 'show':
      return show(object, context);
    case 'bye':
    case 'exit':
    case 'quit':
      return null;
    default:
      return [`no such command; wanted help, show run, show avail or bye\n`];
  }
}

function show(object: string, context: BuiltinContext): Iterable<string> {
  switch (completeWord(object, ['run', 'avail'])) {
    case 'run':
      return showRunning(context);
    case 'avail':
      return showAvailable(context);
    default:
      return ['show what? wanted run or avail\n'];
  }
}

/** The first word that starts with the given one. */
function completeWord(word: string, words: readonly string[]): string | undefined {
  return word === '' ? undefined : words.find((one) => one.startsWith(word));
}

function* showRunning(context: BuiltinContext): Generator<string> {
  yield 'Running services:\n';
  yield 'service    run   retry attempts descriptor\n';
  for (const { id, descriptor, sessions } of context.services()) {
    const running = [...sessions()].length;
    if (running > 0) yield row([id, 10], [running, 5], [0, 5], [0, 8], [descriptor, 0]);
  }
  yield '\n';
  yield* runningServers(context);
}

function* showAvailable(context: BuiltinContext): Generator<string> {
  yield 'Available services:\n';
  yield row(['service', 10], ['port', 6], ['bound address', 16], ['uid', 6], ['redir addr', 16], ['redir port', 0]);
  for (const { id, port, address, uid, target } of context.services())
    yield row([id, 10], [port, 6], [address ?? '*', 16], [uid, 6], [target?.host ?? '', 16], [target?.port ?? '', 0]);
}

function row(...cells: readonly (readonly [cell: string | number, width: number])[]): string {
  return `${cells
    .map(([cell, width]) => String(cell).padEnd(width))
    .join(' ')
    .trimEnd()}\n`;
}
