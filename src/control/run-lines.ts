import { findAttribute } from '../config/attributes/table.js';
import { formatArguments, plainBlanks, splitWords } from '../config/lex.js';
import { ConfigError, SystemError } from '../errors.js';
import { lookUp } from '../os/names.js';
import type { RunLine } from '../state/operator-overrides.js';
import type { ClientIdentity } from './client-identity.js';

const LOOK_UP_MS = 5000;

/** Attributes that `run` sets itself. */
const SET_BY_RUN: ReadonlySet<string> = new Set([
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
 * The attributes of a service that runs a command as its client would run it.
 *
 * @throws ConfigError `usage`; SystemError when the name service does not answer.
 */
export async function runLines({ command, directory, environment, user, set }: RunRequest, client: ClientIdentity): Promise<RunLine[]> {
  const [path = '', ...args] = command;
  if ([path, directory, user ?? '', ...args, ...environment, ...set].some((text) => text.includes('\0')))
    throw new ConfigError('usage', 'a command cannot contain a NUL');
  if (!path.startsWith('/')) throw new ConfigError('usage', `command: wanted the path of a program, beginning with /, found ${path}`);
  for (const [name, text] of Object.entries({ command: path, directory })) if (!isOneWord(text)) throw hasBlanks(name, text);
  const { lines, variables } = await credentials(user, client);
  return [
    ['activation', '=', 'boot'],
    ['server', '=', path],
    ['server_args_quotes', '=', 'yes'],
    ...(args.length === 0 ? [] : [['server_args', '=', formatArguments(args.map(escapePercent))] as const]),
    ['directory', '=', directory],
    ...lines,
    ['passenv', '=', ''],
    ['env', '=', formatArguments([...variables, ...environment].map(escapePercent))],
    ...set.map(lineOf),
  ];
}

/** Whether a block reads the text as one value: paths have no quotes. */
function isOneWord(text: string): boolean {
  const { words, comment } = splitWords(plainBlanks(text).text);
  return comment === null && words.length === 1 && words[0] === text && !text.includes('\n');
}

const hasBlanks = (name: string, text: string) =>
  new ConfigError(
    'usage',
    `${name}: ${JSON.stringify(text)} contains blanks, which this attribute cannot hold; instead: superctl run --name NAME -- sh -c 'cd "…" && exec "…"'`,
  );

/** Escapes percent signs, but keeps %i, the index of the replica: the other specifiers of a block would surprise in a command. */
const escapePercent = (text: string) => text.replace(/%(?!i)/g, '%%');

function lineOf(text: string): RunLine {
  const match = /^\s*(\w+)\s*([+-]?=)\s*(.*?)\s*$/s.exec(text);
  if (match === null) throw new ConfigError('usage', `set: wanted ATTRIBUTE=VALUE, found ${text}`);
  const [, name, operator, value] = match as unknown as [string, string, '=' | '+=' | '-=', string];
  if (SET_BY_RUN.has(findAttribute(name) ?? name)) throw new ConfigError('usage', `set: run itself sets ${name}`);
  return [name, operator, value];
}

/** Only root chooses the user; everyone else runs commands as themselves. A superd without root runs everything as its own user. */
async function credentials(user: string | null, client: ClientIdentity): Promise<{ lines: RunLine[]; variables: string[] }> {
  const ownUid = process.geteuid?.() ?? 0;
  if (user !== null && client.uid !== 0) throw new ConfigError('usage', 'user: only root may run a command as another user');
  if (ownUid !== 0 && (user !== null || ![0, ownUid].includes(client.uid)))
    throw new ConfigError('usage', `superd runs without root (uid ${ownUid}) and cannot run a command as another user`);
  const wanted = ownUid === 0 ? (user ?? client.uid) : ownUid;
  const [found] = await lookUp([['user', /^\d+$/.test(String(wanted)) ? Number(wanted) : wanted]], LOOK_UP_MS);
  if (found?.kind === 'unanswered')
    throw new SystemError('getpwnam', found.errno, `user ${wanted}: the name service has not answered; try again`);
  const account = found?.kind === 'user' ? found : null;
  const home = account === null ? [] : [`HOME=${account.directory}`, `SHELL=${account.shell}`];
  const variables = account === null ? [] : [`USER=${account.name}`, `LOGNAME=${account.name}`, ...home];
  if (ownUid !== 0) return { lines: [], variables };
  const lines: RunLine[] = [['user', '=', account?.name ?? String(wanted)]];
  if (user === null) lines.push(['group', '=', String(client.gid)]);
  if (account !== null) lines.push(['groups', '=', 'yes']);
  return { lines, variables };
}
