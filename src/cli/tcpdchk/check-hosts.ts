import { spawnSync } from 'node:child_process';
import { lookup, Resolver } from 'node:dns/promises';
import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import {
  type AccessTables,
  confirmName,
  type HostPattern,
  type PatternFile,
  patternFileHosts,
  type Rule,
  type RuleDiagnostic,
  toText,
} from '../../access/index.js';
import { systemResolver } from '../access/network-facts.js';
import { errnoText } from '../error-text.js';

/** Keywords, which are not host names. */
const KEYWORDS = new Set(['all', 'unknown', 'paranoid', 'fail']);
/** A lookup that takes longer counts as unanswered. */
const DEADLINE_MS = 10_000;
const ALIAS_MS = 1000;
const NO_ANSWER = 'no name server answers in time';

/** Looks up every host, netgroup and file that the rules name: each once, all at the same time. */
export async function checkHosts(tables: AccessTables, files: readonly PatternFile[]): Promise<RuleDiagnostic[]> {
  const answers = new Map<string, Promise<string[]>>();
  const ask = (key: string, question: () => Promise<string[]>) => {
    let answer = answers.get(key);
    if (answer === undefined) answers.set(key, (answer = withDeadline(question())));
    return answer;
  };
  const found: Promise<RuleDiagnostic[]>[] = [];
  for (const { path, line, host, end } of namedHosts(tables, files)) {
    const key = `${end} ${JSON.stringify(host)}`;
    found.push(ask(key, () => checkHost(host, end)).then((messages) => messages.map((message) => warning(path, line, toText(message)))));
  }
  const diagnostics = (await Promise.all(found)).flat();
  const silent = diagnostics.filter(({ message }) => message === NO_ANSWER);
  const [first] = silent;
  if (first === undefined) return diagnostics;
  const summary = { ...first, message: `${NO_ANSWER}: from here on, ${silent.length} names and addresses are not checked` };
  return [...diagnostics.filter(({ message }) => message !== NO_ANSWER), summary];
}

const warning = (path: string, line: number, message: string): RuleDiagnostic => ({
  severity: 'warning',
  code: 'host',
  path,
  line,
  message,
});

interface NamedHost {
  readonly path: string;
  readonly line: number;
  readonly host: HostPattern;
  readonly end: 'client' | 'server';
}

/** The hosts of the rules, and those of the files that rules name. */
function* namedHosts({ allow, deny }: AccessTables, files: readonly PatternFile[]): Generator<NamedHost> {
  for (const { path, rules } of [allow, deny])
    for (const rule of rules) for (const [host, end] of hostsOf(rule)) yield { path, line: rule.line, host, end };
  for (const file of files) for (const { line, host } of patternFileHosts(file)) yield { path: file.path, line, host, end: 'client' };
}

function* hostsOf({ daemons, clients }: Rule): Generator<[host: HostPattern, end: 'client' | 'server']> {
  for (const { server } of daemons.flat()) if (server !== null) yield [server, 'server'];
  for (const { text, host } of clients.flat()) {
    // A comment after the rule: another check warns of it.
    if (text.startsWith('#')) return;
    yield [host, 'client'];
  }
}

async function checkHost(host: HostPattern, end: 'client' | 'server'): Promise<string[]> {
  if (host.kind === 'netgroup') return hasMembers(host.name) ? [] : [`${host.name}: unknown or empty netgroup`];
  if (host.kind === 'file') return canRead(host.path);
  if (host.kind !== 'string' || host.pattern.kind !== 'exact' || KEYWORDS.has(host.pattern.text)) return [];
  const { text } = host.pattern;
  if (/[^a-z0-9._-]/.test(text)) return isIP(text) === 0 ? [`${text}: host not found`] : [];
  return isIP(text) === 4 ? checkName([text]) : checkNamed(text, end);
}

async function checkNamed(name: string, end: 'client' | 'server'): Promise<string[]> {
  const addresses = (await lookup(name, { all: true }).catch(() => [])).map(({ address }) => address);
  if (addresses.length === 0) return [`${name}: host not found`];
  const official = await new Resolver({ timeout: ALIAS_MS, tries: 1 }).resolveCname(name).catch(() => []);
  const alias = official.map((one) => `${name}: hostname alias (official name: ${one})`);
  const many = `host ${name} has more than one address (consider using an address instead)`;
  return [...alias, ...(end === 'server' && addresses.length > 1 ? [many] : []), ...(await checkName(addresses))];
}

/** Warns of addresses whose clients would have no name. */
async function checkName(addresses: readonly string[]): Promise<string[]> {
  const names = await Promise.all(addresses.map(async (address) => ({ address, ...(await confirmName(address, systemResolver)) })));
  return names.flatMap(({ address, name, problem }) =>
    name === 'unknown' ? [`host address ${address}->name lookup failed`] : problem === '' ? [] : [problem],
  );
}

function hasMembers(group: string): boolean {
  const { status, stdout } = spawnSync('getent', ['netgroup', '--', group], { encoding: 'utf8' });
  return status === 0 && stdout.includes('(');
}

function canRead(path: string): string[] {
  try {
    accessSync(path, constants.R_OK);
    return [];
  } catch (error) {
    return [`cannot open ${path}: ${errnoText(error)}`];
  }
}

async function withDeadline(question: Promise<string[]>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([NO_ANSWER]), DEADLINE_MS);
  });
  try {
    return await Promise.race([question, late]);
  } finally {
    clearTimeout(timer);
  }
}
