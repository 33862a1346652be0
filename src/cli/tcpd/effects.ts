import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { type AccessTables, type Effect, type FetchFact, type RequestFacts, renderBanner, type Undecided } from '../../access/index.js';
import { SystemError } from '../../errors.js';
import { type FileStart, readingStart, runFileTask } from '../../os/open-safely.js';
import { setLinger, setSocketOption } from '../../os/socket.js';

const CLIENT = 0;
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;

/** As superd does. */
const MAX_BANNER_BYTES = 64 * 1024;

/** Settings from the options of the rules, for the program that tcpd becomes. */
export interface ProcessSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly severity: { readonly facility: string; readonly level: string } | null;
  readonly credentials: readonly (Effect & { kind: 'credentials' })[];
}

/** Applies the options of the matched rules in their order. One that fails is reported; the others still apply. */
export async function applyEffects(
  effects: readonly Effect[],
  environment: Readonly<Record<string, string>>,
  sendBanner: (path: string) => Promise<void>,
  warn: (problem: string) => void,
): Promise<ProcessSettings> {
  const variables = { ...environment };
  let severity: ProcessSettings['severity'] = null;
  const credentials: (Effect & { kind: 'credentials' })[] = [];
  for (const effect of effects) {
    try {
      if (effect.kind === 'setenv') variables[effect.name] = effect.value;
      else if (effect.kind === 'severity') severity = effect;
      else if (effect.kind === 'credentials') credentials.push(effect);
      else if (effect.kind === 'banner') await sendBanner(effect.path);
      else if (effect.kind === 'spawn') runShell(effect.command, variables);
      else changeProcess(effect);
    } catch (error) {
      warn(`${effect.kind}: ${(error as Error).message}`);
    }
  }
  return { environment: variables, severity, credentials };
}

function changeProcess(effect: Effect): void {
  switch (effect.kind) {
    case 'keepalive':
      setSocketOption(CLIENT, SOL_SOCKET, SO_KEEPALIVE, 1);
      return;
    case 'linger':
      setLinger(CLIENT, effect.seconds);
      return;
    case 'umask':
      process.umask(effect.mask);
      return;
    case 'nice':
      setPriority(
        Math.max(constants.priority.PRIORITY_HIGHEST, Math.min(constants.priority.PRIORITY_LOW, getPriority() + effect.increment)),
      );
  }
}

/** Runs a command without its output and waits for it, as libwrap does. @returns its exit status; 128 when a signal ended it. */
function runShell(command: string, env: Readonly<Record<string, string>>): number {
  return spawnSync('/bin/sh', ['-c', command], { stdio: 'ignore', env }).status ?? 128;
}

/** Runs an aclexec command, with the variables that setenv options before it set. */
export function runAclexec(command: string, { effects }: Undecided, environment: Readonly<Record<string, string>>): number {
  const variables = effects.filter((effect) => effect.kind === 'setenv').map(({ name, value }) => [name, value]);
  return runShell(command, { ...environment, ...Object.fromEntries(variables) });
}

/** Sends a banner file to the client; a missing file is no error. */
export async function sendBanner(path: string, tables: AccessTables, facts: RequestFacts, lookUp: FetchFact): Promise<void> {
  const file = readBanner(path);
  if (file === null) return;
  for (;;) {
    const text = renderBanner(file.bytes, tables, facts);
    if (text instanceof Uint8Array) {
      writeSync(CLIENT, text);
      return;
    }
    const undecided: Undecided = { kind: 'needs', need: text, rule: { path, line: 0, firstLine: 0 }, effects: [] };
    facts.learn(text, (await lookUp(text, undecided)) ?? 'unknown');
  }
}

/** Below a directory of another user tcpd reads with the rights of that user, who could otherwise show clients any file of root's by a link. */
function readBanner(path: string): FileStart | null {
  try {
    return runFileTask(readingStart(path, MAX_BANNER_BYTES, 'trusted'));
  } catch (error) {
    if (error instanceof SystemError && error.code === 'ENOENT') return null;
    throw error;
  }
}
