import { readFileSync } from 'node:fs';
import type { RuleDiagnostic } from '../../access/index.js';
import { load } from '../../config/load.js';
import { ConfigError } from '../../errors.js';
import { lookUp } from '../../os/names.js';
import { errnoText } from '../error-text.js';
import { inetdServers } from './inetd-lines.js';
import type { TablePaths } from './table-files.js';
import type { ToolOptions } from './tool-options.js';

/** The daemon names of a configuration, which access rules can name. */
export interface Offered {
  readonly path: string;
  /** Lower case. */
  readonly daemons: ReadonlySet<string>;
  /** Services and programs that the access rules do not protect. */
  readonly unwrapped: ReadonlySet<string>;
  /** The tables of these services; null for those of the machine. */
  readonly tables: TablePaths | null;
  /** What is wrong with the lines of an inetd.conf. */
  readonly findings: readonly RuleDiagnostic[];
}

/** Programs that apply the rules by themselves, as in Debian: no configuration names them. */
const LINKED = new Set(
  'portmap mountd statd ugidd redir rlinetd sshd atftpd diald esound gdm gnome-session icecast icecast_admin icecast_client icecast_source mysqld ntop pptpd rquotad sendmail smail'.split(
    ' ',
  ),
);

const NAMES_MS = 10_000;

/** @throws ConfigError when the file cannot be read. */
export async function readOffered(config: ToolOptions['config']): Promise<Offered | null> {
  if (config === null) return null;
  const text = readOrThrow(config.path);
  if (config.kind === 'inetd') return offeredByInetd(config.path, text);
  const { plan } = await load({ path: config.path, inetdConf: null, lookUp: (questions) => lookUp(questions, NAMES_MS) });
  const wrapped = plan.services.filter(({ gate }) => gate.wrappers !== null);
  const unwrapped = plan.services.filter(({ gate }) => gate.wrappers === null);
  return {
    path: config.path,
    tables: plan.tables,
    findings: [],
    daemons: new Set(wrapped.map(({ gate }) => (gate.wrappers as string).toLowerCase())),
    unwrapped: new Set(
      unwrapped
        .flatMap((plan) => [plan.name, ...(plan.activation === 'request' ? [plan.program.path.replace(/.*\//, '')] : [])])
        .map((one) => one.toLowerCase()),
    ),
  };
}

function readOrThrow(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError('config-unreadable', `open ${path}: ${errnoText(error)}`, null, { cause: error });
  }
}

/** Taken from the lines: they also name services whose program is missing. */
function offeredByInetd(path: string, text: string): Offered {
  const servers = inetdServers(text, path);
  const names = (wanted: boolean) => new Set(servers.filter(({ wrapped }) => wrapped === wanted).map(({ name }) => name.toLowerCase()));
  return { path, daemons: names(true), unwrapped: names(false), tables: null, findings: servers.flatMap(({ findings }) => findings) };
}

/** The warning about a daemon name in a rule; null when a service has that name. */
export function findUnoffered(daemon: string, offered: Offered): string | null {
  const name = daemon.toLowerCase();
  if (offered.daemons.has(name) || LINKED.has(name)) return null;
  return offered.unwrapped.has(name) ? `${daemon}: service possibly not wrapped` : `${daemon}: no such process name in ${offered.path}`;
}
