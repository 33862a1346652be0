import { findAttribute } from '../config/attributes/table.js';
import { formatArguments, plainBlanks, splitWords } from '../config/lex.js';
import { ConfigError } from '../errors.js';
import { lookUp } from '../os/names.js';
import type { RunLine } from '../state/operator-overrides.js';
import type { ControlClientIdentity } from './client-identity.js';

const NAMES_MS = 5000;

/** What `superctl run` says itself. */
const OWN: ReadonlySet<string> = new Set([
  'activation',
  'disable',
  'id',
  'user',
  'group',
  'groups',
  'server',
  'server_args',
  'server_args_quotes',
  'directory',
]);

export interface RunRequest {
  /** The program, then its arguments. */
  readonly command: readonly string[];
  readonly directory: string;
  /** NAME=VALUE. */
  readonly environment: readonly string[];
  readonly user: string | null;
  /** NAME=VALUE or NAME+=VALUE, attributes of a service. */
  readonly set: readonly string[];
}

/**
 * The lines of a block that has superd run a command as its caller would.
 *
 * @throws ConfigError `usage`.
 */
export async function runLines(
  { command, directory, environment, user, set }: RunRequest,
  caller: ControlClientIdentity,
): Promise<RunLine[]> {
  const [path = '', ...args] = command;
  if ([path, directory, user ?? '', ...args, ...environment, ...set].some((text) => text.includes('\0')))
    throw new ConfigError('usage', 'no word of a command can contain a NUL');
  if (!path.startsWith('/')) throw new ConfigError('usage', `command: wanted the path of a program, beginning with /, found ${path}`);
  for (const [name, text] of Object.entries({ command: path, directory })) if (!isOneWord(text)) throw noWord(name, text);
  const { lines, variables } = await credentials(user, caller);
  return [
    ['activation', '=', 'boot'],
    ['server', '=', path],
    ['server_args_quotes', '=', 'yes'],
    ...(args.length === 0 ? [] : [['server_args', '=', formatArguments(args.map(plain))] as const]),
    ['directory', '=', directory],
    ...lines,
    ['passenv', '=', ''],
    ['env', '=', formatArguments([...variables, ...environment].map(plain))],
    ...set.map(lineOf),
  ];
}

/** What a block takes for one value: it has no quotes for paths. */
function isOneWord(text: string): boolean {
  const { words, comment } = splitWords(plainBlanks(text).text);
  return comment === null && words.length === 1 && words[0] === text && !text.includes('\n');
}

const noWord = (name: string, text: string) =>
  new ConfigError(
    'usage',
    `${name}: ${JSON.stringify(text)} has blanks, which a block cannot say there; from another directory: superctl run --name NAME -- sh -c 'cd "…" && exec "…"'`,
  );

/** A block reads %% as a percent sign and %i as the index of the replica, which is the only one that is of use here. */
const plain = (text: string) => text.replace(/%(?!i)/g, '%%');

function lineOf(text: string): RunLine {
  const match = /^\s*(\w+)\s*([+-]?=)\s*(.*?)\s*$/s.exec(text);
  if (match === null) throw new ConfigError('usage', `set: wanted ATTRIBUTE=VALUE, found ${text}`);
  const [, name, operator, value] = match as unknown as [string, string, '=' | '+=' | '-=', string];
  if (OWN.has(findAttribute(name) ?? name)) throw new ConfigError('usage', `set: ${name} is said by run itself`);
  return [name, operator, value];
}

/** As whom: who is not root runs only what is their own, and without root superd has no choice. */
async function credentials(user: string | null, caller: ControlClientIdentity): Promise<{ lines: RunLine[]; variables: string[] }> {
  const own = process.geteuid?.() ?? 0;
  if (user !== null && caller.uid !== 0) throw new ConfigError('usage', 'user: only root may run a command as somebody else');
  if (own !== 0 && (user !== null || ![0, own].includes(caller.uid)))
    throw new ConfigError('usage', `superd runs without root (uid ${own}), and can run a command as nobody else`);
  const whom = own === 0 ? (user ?? caller.uid) : own;
  const [found] = await lookUp([['user', /^\d+$/.test(String(whom)) ? Number(whom) : whom]], NAMES_MS);
  const account = found?.kind === 'user' ? found : null;
  const home = account === null ? [] : [`HOME=${account.directory}`, `SHELL=${account.shell}`];
  const variables = account === null ? [] : [`USER=${account.name}`, `LOGNAME=${account.name}`, ...home];
  if (own !== 0) return { lines: [], variables };
  const lines: RunLine[] = [['user', '=', account?.name ?? String(whom)]];
  if (user === null) lines.push(['group', '=', String(caller.gid)]);
  if (account !== null) lines.push(['groups', '=', 'yes']);
  return { lines, variables };
}
