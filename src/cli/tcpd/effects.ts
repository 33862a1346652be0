import { spawnSync } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { type AccessTables, type Effect, type FetchFact, type RequestFacts, renderBanner, type Undecided } from '../../access/index.js';
import { setLinger, setSocketOption } from '../../os/socket.js';

const CLIENT = 0;
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;

/** What the options of the rules have made of this process, to be taken over by the program that it becomes. */
export interface EffectContext {
  readonly environment: Readonly<Record<string, string>>;
  readonly severity: { readonly facility: string; readonly level: string } | null;
  readonly credentials: readonly (Effect & { kind: 'credentials' })[];
}

/** Carries out, in their order, what matched rules ask for. What fails is reported and changes nothing else. */
export async function carryOut(
  effects: readonly Effect[],
  environment: Readonly<Record<string, string>>,
  sendBanner: (path: string) => Promise<void>,
  complain: (problem: string) => void,
): Promise<EffectContext> {
  const variables = { ...environment };
  let severity: EffectContext['severity'] = null;
  const credentials: (Effect & { kind: 'credentials' })[] = [];
  for (const effect of effects) {
    try {
      if (effect.kind === 'setenv') variables[effect.name] = effect.value;
      else if (effect.kind === 'severity') severity = effect;
      else if (effect.kind === 'credentials') credentials.push(effect);
      else if (effect.kind === 'banner') await sendBanner(effect.path);
      else if (effect.kind === 'spawn') runShell(effect.command, variables);
      else carryOutHere(effect);
    } catch (error) {
      complain(`${effect.kind}: ${(error as Error).message}`);
    }
  }
  return { environment: variables, severity, credentials };
}

function carryOutHere(effect: Effect): void {
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

/** Waits for the command, as libwrap does; its exit status, 128 when a signal ended it. Its output goes nowhere. */
function runShell(command: string, env: Readonly<Record<string, string>>): number {
  return spawnSync('/bin/sh', ['-c', command], { stdio: 'ignore', env }).status ?? 128;
}

/** The variables that options before an aclexec have set are there for its command. */
export function runAclexec(command: string, { effects }: Undecided, environment: Readonly<Record<string, string>>): number {
  const variables = effects.filter((effect) => effect.kind === 'setenv').map(({ name, value }) => [name, value]);
  return runShell(command, { ...environment, ...Object.fromEntries(variables) });
}

/** Sends the client a banner file, if it is there. */
export async function sendBanner(path: string, tables: AccessTables, facts: RequestFacts, lookUp: FetchFact): Promise<void> {
  let content: Uint8Array;
  try {
    content = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (;;) {
    const text = renderBanner(content, tables, facts);
    if (text instanceof Uint8Array) {
      writeSync(CLIENT, text);
      return;
    }
    const undecided: Undecided = { kind: 'needs', need: text, rule: { path, line: 0, firstLine: 0 }, effects: [] };
    facts.learn(text, (await lookUp(text, undecided)) ?? 'unknown');
  }
}
