import { table } from '../attributes/table.js';
import { quote } from '../diagnostic.js';
import { hasFlag, reportMissing, type ServiceDraft } from '../draft.js';
import type { NssFacts } from '../nss-facts.js';
import type { Credentials, ExecutionPlan, ProgramPlan, ResourceLimit } from '../plan.js';
import type { Disk } from '../read.js';
import { besideItsFile, effective, type Setting } from '../settings.js';
import type { ProgramFacts } from './host-facts.js';
import { reportUnanswered } from './unanswered.js';

const LIMITS = ['as', 'cpu', 'data', 'files', 'rss', 'stack'] as const satisfies readonly ResourceLimit['resource'][];

/** The program and its credentials; null after reporting what is missing or wrong. */
export function resolveProgram(draft: ServiceDraft, host: ProgramFacts): ProgramPlan | null {
  const path = resolveServer(draft, host);
  const execution = resolveExecution(draft, host, host.self);
  const argv = resolveArguments(draft, path);
  return path === null || execution === null || argv === null ? null : { path, argv, ...execution };
}

/**
 * The credentials, environment and limits; null after reporting what is missing or wrong.
 *
 * @param absent The credentials without `user`; null where `user` is required.
 */
export function resolveExecution(
  draft: ServiceDraft,
  { facts, highestLimit }: ProgramFacts,
  absent: Credentials | null,
): ExecutionPlan | null {
  const { settings } = draft;
  const credentials = settings.user === undefined && absent !== null ? absent : resolveCredentials(draft, facts);
  if (credentials === null) return null;
  return {
    passEnvironment: effective(settings, 'passenv'),
    environment: settings.env?.value ?? [],
    directory: effective(settings, 'directory'),
    credentials,
    umask: effective(settings, 'umask'),
    nice: settings.nice?.value ?? 0,
    limits: LIMITS.flatMap((resource) => {
      const value = resolveLimit(draft, resource, highestLimit);
      return value === 0 ? [] : [{ resource, value }];
    }),
    stderr: effective(settings, 'stderr'),
  };
}

/** Lowers a limit that superd cannot give, as in a container: xinetd would start no server. */
function resolveLimit({ settings, findings }: ServiceDraft, resource: ResourceLimit['resource'], highest: Disk['highestLimit']): number {
  const setting = settings[`rlimit_${resource}`];
  if (setting === undefined || setting.value === 0) return 0;
  const most = highest(resource);
  if (setting.value <= most) return setting.value;
  const shown = table[`rlimit_${resource}`].format(setting.value);
  findings
    .at(setting.origin)
    .warning(
      'limit-lowered',
      `rlimit_${resource}: superd may give no more than ${most} on this machine, found ${shown}; servers get ${most}`,
    );
  return most;
}

/** Words that mean something to a shell, and are plain arguments without one. */
const SHELL_WORDS: ReadonlySet<string> = new Set(['|', '||', '&&', '>', '>>', '<', '2>', '2>&1', '|&', '&>']);

/** superd starts no shell, as xinetd does not. */
function warnOfShellWords({ settings: { server, server_args }, findings }: ServiceDraft): void {
  const word = server_args?.value.find((one) => SHELL_WORDS.has(one));
  if (server === undefined || server_args === undefined || word === undefined) return;
  const command = [server.value, ...server_args.value].join(' ').replaceAll('"', "'");
  findings
    .at(server_args.origin)
    .warning(
      'no-shell',
      `server_args: ${quote(word)} goes to the program as it is, because superd starts no shell; for a shell write "server = /bin/sh" and server_args = -c "${command}"`,
    );
}

function resolveServer(draft: ServiceDraft, { executable, unrunnable }: ProgramFacts): string | null {
  const { server } = draft.settings;
  if (server === undefined) {
    reportMissing(draft, 'server', ': the path of the program to run');
    return null;
  }
  const path = besideItsFile(server);
  const found = executable(path);
  if (found === 'yes') {
    const reason = unrunnable(path);
    if (reason !== null) draft.findings.at(server.origin).warning('server-cannot-start', `server: ${path} cannot be started: ${reason}`);
    return path;
  }
  const problem = {
    missing: 'does not exist; install the program, correct the path, or write "disable = yes"',
    directory: 'is a directory; write the path of a program in it',
    noexec: 'is on a file system that is mounted noexec; move the program, or mount without noexec',
    no: 'is not executable; chmod +x it, and make sure that its directories can be searched',
  }[found];
  draft.findings.at(server.origin).error('server-not-executable', `server: ${path} ${problem}`);
  return null;
}

function resolveArguments(draft: ServiceDraft, path: string | null): readonly string[] | null {
  const { server_args, flags } = draft.settings;
  warnOfShellWords(draft);
  if (!hasFlag(draft, 'NAMEINARGS')) return path === null ? null : [baseName(path), ...(server_args?.value ?? [])];
  if (server_args === undefined) {
    draft.findings
      .at(flags?.origin ?? draft.block.origin)
      .error('missing-attribute', 'the flag NAMEINARGS needs server_args, whose first word is the name of the program');
    return null;
  }
  if (flags !== undefined && flags.origin.path === server_args.origin.path && flags.origin.line > server_args.origin.line)
    draft.findings
      .at(flags.origin)
      .note(
        'read-argument-order',
        'flags: NAMEINARGS works on any line; xinetd wants it before server_args and would start the server without a name',
      );
  return server_args.value;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function resolveCredentials(draft: ServiceDraft, facts: NssFacts): Credentials | null {
  const { user, group, groups } = draft.settings;
  if (user === undefined) {
    reportMissing(draft, 'user', ': the user the server runs as');
    return null;
  }
  const report = draft.findings.at(user.origin);
  const needsAccount = typeof user.value === 'string' || group === undefined || groups?.value === true;
  if (needsAccount && reportUnanswered(report, 'user', ['user', user.value], facts)) return null;
  const account = facts.user(user.value);
  if (account === null && typeof user.value === 'string') {
    report.error('unknown-user', `user: unknown user ${user.value}, not in passwd(5); create it, or write another`);
    return null;
  }
  const uid = account?.uid ?? (user.value as number);
  const gid = group === undefined ? (account?.gid ?? uid) : resolveGroup(draft, group, facts);
  if (gid === null) return null;
  if (typeof user.value === 'number' && group === undefined) noteGroupOf(draft, user.value, account);
  if (groups?.value !== true) return { uid, gid, groups: [] };
  if (account === null) {
    report.error(
      'contradiction',
      `user: uid ${uid} is not in passwd(5), so "groups = yes" finds no groups; write a group in group, or "groups = no"`,
    );
    return null;
  }
  if (reportUnanswered(report, 'groups', ['groups-of-user', account.name, account.gid], facts)) return null;
  return { uid, gid, groups: facts.groupsOf(account.name, account.gid)?.gids ?? [account.gid] };
}

function noteGroupOf(draft: ServiceDraft, uid: number, account: { readonly gid: number } | null): void {
  const report = draft.findings.at(draft.settings.user?.origin ?? draft.block.origin);
  if (account === null) report.note('unknown-user', `user: uid ${uid} is not in passwd(5); the group is ${uid} too, as with xinetd`);
  else if (account.gid !== uid)
    report.note('unknown-user', `user: the group is ${account.gid}, that of uid ${uid} in passwd(5); xinetd uses ${uid}`);
}

function resolveGroup({ findings }: ServiceDraft, group: Setting<string | number>, facts: NssFacts): number | null {
  if (typeof group.value === 'number') return group.value;
  if (reportUnanswered(findings.at(group.origin), 'group', ['group', group.value], facts)) return null;
  const found = facts.group(group.value);
  if (found === null)
    findings.at(group.origin).error('unknown-group', `group: unknown group ${group.value}, not in group(5); create it, or write another`);
  return found?.gid ?? null;
}
