import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { RuleDiagnostic } from '../../access/index.js';
import { statements } from '../../config/dialects/inetd-conf.js';
import { errnoText } from '../error-text.js';

/** The directory of a server behind tcpd whose name is not a path. */
const REAL_DAEMON_DIR = '/usr/sbin';
const EXECUTE = 0o100;
const SET_ID = 0o6000;

/** A service of inetd.conf: the name of its program, and whether tcpd checks its clients. */
export interface InetdServer {
  readonly name: string;
  readonly wrapped: boolean;
  readonly findings: readonly RuleDiagnostic[];
}

/** Checks every line of an inetd.conf(5) as the original tcpdchk does: programs that are missing, and tcpd in the wrong place. */
export function inetdServers(text: string, path: string): InetdServer[] {
  return statements(text).flatMap(({ line, fields, rest }) => {
    const findings: RuleDiagnostic[] = [];
    const warn = (message: string) => findings.push({ severity: 'warning', code: 'inetd', path, line, message });
    const [, , protocol = '', , , program] = fields;
    if (program === undefined) {
      warn('incomplete line');
      return [{ name: '', wrapped: false, findings }];
    }
    if (program === 'internal') return [];
    const [argv0 = basename(program), argv1 = ''] = rest.split(/[ \t]+/).filter((word) => word !== '');
    const name = argv0.startsWith('/') ? basename(argv0) : argv0;
    const tcpd = checkProgram(program, program, warn);
    if (/^(?:rpc\.)?rexd$/.test(name)) warn(`${name} may be an insecure service`);
    const wrapped = basename(program) === 'tcpd';
    if (wrapped) checkWrapped({ name, argv0, argv1, protocol, program, tcpd }, warn);
    return [{ name, wrapped, findings }];
  });
}

type Warn = (message: string) => void;

interface WrappedServer {
  readonly name: string;
  readonly argv0: string;
  readonly argv1: string;
  readonly protocol: string;
  readonly program: string;
  readonly tcpd: Stats | null;
}

function checkWrapped({ name, argv0, argv1, protocol, program, tcpd }: WrappedServer, warn: Warn): void {
  if (name === 'tcpd') warn(`${name} is recursively calling itself`);
  if (tcpd !== null && (tcpd.mode & SET_ID) !== 0) warn(`${program}: file is set-uid or set-gid`);
  if (argv0.startsWith('/') && argv1 !== '' && name === basename(argv1)) warn(`${program} inserted before ${argv0}`);
  if (argv0.startsWith('/')) checkProgram(argv0, argv0, warn);
  else checkProgram(`${REAL_DAEMON_DIR}/${argv0}`, argv0, warn, ` in ${REAL_DAEMON_DIR}`);
  if (protocol === 'rpc/tcp') warn(`${name}: cannot wrap rpc/tcp services`);
}

/** @returns null when it is missing. */
function checkProgram(path: string, shown: string, warn: Warn, where = ''): Stats | null {
  try {
    const stat = statSync(path);
    if ((stat.mode & EXECUTE) === 0) warn(`${path}: not executable`);
    return stat;
  } catch (error) {
    warn(`${shown}: not found${where}: ${errnoText(error)}`);
    return null;
  }
}
