import { Findings, quote, type Reporter } from '../diagnostic.js';
import type { Assignment, Block } from '../entries.js';
import { formatArguments, lexLines, plainBlanks, splitArguments, trimBlanks } from '../lex.js';

export interface InetdConf {
  readonly blocks: readonly Block[];
  readonly findings: readonly Findings[];
}

type Fields = [string, string, string, string, string, string];
const FIELDS = ['service', 'socket type', 'protocol', 'wait or nowait', 'user', 'server'] as const;
const SOCKET_TYPES = ['stream', 'dgram', 'raw', 'seqpacket', 'rdm'];

/** How long inetd(8) closes a service that is started too often. */
const RETRY_SECONDS = 600;

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Adds an attribute to the service of a line. */
type Write = (name: string, value: string) => void;

/**
 * Parses an inetd.conf(5) into the blocks of xinetd's grammar, a service for each line:
 * `service type protocol wait|nowait user server [argv0 argument...]`, with the additions of the inetds of the BSDs and of Linux.
 * Every attribute has the place of its line.
 *
 * @example parseInetdConf('8080 stream tcp nowait nobody /bin/date date\n', 'f').blocks[0]?.name // '8080'
 */
export function parseInetdConf(text: string, path: string): InetdConf {
  const findings: Findings[] = [];
  const blocks: Block[] = [];
  for (const { line, fields, rest } of statements(text)) {
    const own = new Findings();
    findings.push(own);
    const report = own.at({ path, line });
    if ([...fields, rest].some((text) => text.includes('\0'))) report.error('bad-value', 'the line has a NUL byte in it');
    else if (fields.length >= FIELDS.length) {
      const block = toBlock(fields as Fields, rest, report);
      blocks.push({ ...block, broken: own.failed });
    } else if (/^\S+:$/.test(fields[0] as string) && fields.length === 1)
      report.error(
        'short-line',
        `${quote(fields[0] as string)} sets an address for the lines below, which superd does not support; write it before each service, as ${fields[0]}PORT`,
      );
    else report.error('short-line', `wanted ${FIELDS.join(', ')}; ${quote(FIELDS[fields.length] as string)} is missing`);
  }
  return { blocks, findings };
}

/** A line of inetd.conf, with its continuation lines. */
export interface InetdLine {
  readonly line: number;
  readonly fields: readonly string[];
  /** The arguments of the program, its own name first. */
  readonly rest: string;
}

/** A line that begins with a blank continues the line before, unless it is a complete service. */
export function statements(text: string): InetdLine[] {
  const found: InetdLine[] = [];
  for (const { number, text: line } of lexLines(text).lines) {
    const plain = trimBlanks(plainBlanks(line).text);
    if (plain === '' || plain.startsWith('#')) continue;
    const match = /^((?:[^ \t]+[ \t]+){0,5}[^ \t]+)[ \t]*(.*)$/s.exec(plain) as RegExpExecArray;
    const fields = (match[1] as string).split(/[ \t]+/);
    const last = found.at(-1);
    if (last !== undefined && /^[ \t]/.test(line) && !SOCKET_TYPES.includes(fields[1] ?? ''))
      found[found.length - 1] = { ...last, rest: `${last.rest} ${plain}` };
    else found.push({ line: number, fields, rest: match[2] as string });
  }
  return found;
}

function toBlock([service, socketType, protocol, wait, user, server]: Fields, rest: string, report: Reporter): Block {
  const assignments: Assignment[] = [];
  const write: Write = (name, value) => assignments.push({ name, operator: '=', value, origin: report.origin });
  write('socket_type', socketType);
  const flags = ['REUSE'];
  flags.push(...writeProtocol(protocol, write, report));
  const name = writeService(service, protocol, write);
  writeWait(wait, write, report);
  writeUser(user, write, report);
  flags.push(...writeServer(server, rest, write, report));
  write('flags', flags.join(' '));
  write('groups', 'yes');
  return { kind: 'service', name, origin: report.origin, assignments, broken: false, dialect: 'inetd' };
}

/** A name in services(5), a port, `host:` before either, a path for unix, `tcpmux/name` or `tcpmux/+name`, or `program/versions` for RPC. */
function writeService(service: string, protocol: string, write: Write): string {
  if (protocol.startsWith('rpc/')) {
    const [program = '', versions = ''] = service.split('/');
    const isNumber = /^\d+$/.test(program);
    write('type', isNumber ? 'RPC UNLISTED' : 'RPC');
    if (isNumber) write('rpc_number', program);
    write('rpc_version', versions);
    return program;
  }
  if (protocol === 'unix') {
    write('bind', service);
    return service.slice(service.lastIndexOf('/') + 1);
  }
  if (/^tcpmux\/./.test(service)) {
    const isPlus = service.startsWith('tcpmux/+');
    write('type', isPlus ? 'TCPMUXPLUS UNLISTED' : 'TCPMUX UNLISTED');
    return service.slice(isPlus ? 8 : 7);
  }
  const colon = service.lastIndexOf(':');
  const name = service.slice(colon + 1);
  if (colon !== -1 && service.slice(0, colon) !== '*') write('bind', service.slice(0, colon));
  if (/^\d+$/.test(name)) {
    write('type', 'UNLISTED');
    write('port', name);
  }
  return name === '' ? service : name;
}

/** The protocol, without the family and the options that some inetds write after it. */
function writeProtocol(field: string, write: Write, report: Reporter): string[] {
  const [protocol = '', ...options] = field.replace(/^rpc\//, '').split(/[,/]/);
  if (options.length > 0) report.note('read-inetd', `${quote(options.join(','))} after the protocol is ignored`);
  const match = /^(tcp|udp)(4|6|46)$/.exec(protocol);
  write('protocol', match?.[1] ?? protocol);
  if (match?.[2] === '6') write('v6only', 'yes');
  return match?.[2] === '4' ? ['IPv4'] : match?.[2] === '6' ? ['IPv6'] : [];
}

/** `nowait`, `nowait.MAX-PER-MINUTE`, `nowait/MAX[/PER-MINUTE-AND-CLIENT[/PER-CLIENT]]` (inetd(8) of the BSDs). */
function writeWait(field: string, write: Write, report: Reporter): void {
  const match = /^(wait|nowait)(?:\.(\d+)|\/(\d+)(?:\/(\d+)(?:\/(\d+))?)?)?$/i.exec(field);
  if (match === null) {
    report.error('bad-value', `${quote(field)} is not wait or nowait; wanted one of them, or with limits, as nowait.60 or nowait/10/60/2`);
    return;
  }
  const [, word = '', perMinute, max, perMinuteAndClient, perClient] = match;
  write('wait', word.toLowerCase() === 'wait' ? 'yes' : 'no');
  if (max !== undefined && max !== '0') write('instances', max);
  if (perClient !== undefined && perClient !== '0') write('per_source', perClient);
  if (perMinuteAndClient !== undefined && perMinuteAndClient !== '0') write('rate_per_source', `${perMinuteAndClient}/m`);
  if (perMinute === undefined || perMinute === '0') return;
  write('cps', `${perMinute} ${RETRY_SECONDS}`);
  report.note(
    'read-inetd',
    `inetd closes the service for ten minutes after ${perMinute} starts in a minute; superd does so, by "cps", after as many in a second`,
  );
}

/** `user`, `user:group`, `user.group`; a login class after a slash is ignored. */
function writeUser(field: string, write: Write, report: Reporter): void {
  const [account = '', loginClass] = field.split('/');
  if (loginClass !== undefined) report.note('read-inetd', `the login class ${quote(loginClass)} is ignored`);
  const separator = account.search(/[:.]/);
  write('user', separator === -1 ? account : account.slice(0, separator));
  if (separator !== -1) write('group', account.slice(separator + 1));
}

/** Writes the server; for tcpd(8), whose work the gate does, the program behind it. */
function writeServer(server: string, rest: string, write: Write, report: Reporter): string[] {
  if (server === 'internal') {
    write('type', 'INTERNAL');
    return ['NOLIBWRAP'];
  }
  const { words } = splitArguments(rest);
  const [program, ...others] = words;
  if (baseName(server) !== 'tcpd' || program === undefined) {
    if (program === undefined)
      report.note(
        'read-inetd',
        `the program's own name is missing after ${server}; superd passes ${baseName(server)}, where xinetd passes none`,
      );
    write('server', server);
    write('server_args', formatArguments(program === undefined ? [baseName(server)] : words));
    return ['NAMEINARGS', 'NOLIBWRAP'];
  }
  // tcpd takes the last part of an absolute path as the name, for the rules and for the program alike; any other word as it is.
  const [real, name] = program.startsWith('/') ? [program, baseName(program)] : [`/usr/sbin/${program}`, program];
  write('server', real);
  write('server_args', formatArguments([name, ...others]));
  write('libwrap', name);
  report.note('read-inetd', `superd itself checks the access rules, for ${name}, and starts ${real} without tcpd`);
  return ['NAMEINARGS'];
}
