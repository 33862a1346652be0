import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Loaded } from '../../config/load.js';
import { type ControlClient, NoAnswer } from '../../control/client.js';
import { ConfigError } from '../../errors.js';
import { errorText } from '../error-text.js';
import { loadConfiguration } from '../load-configuration.js';
import { checks } from './checks/table.js';
import type { Finding } from './finding.js';
import type { Patient, RunningDaemon } from './patient.js';

export interface Examination {
  readonly config: string;
  /** The process that answered; null when none did. */
  readonly pid: number | null;
  readonly findings: readonly Finding[];
}

/** What is not taken from the superd that runs. */
export interface Instructions {
  readonly config: string | null;
  readonly pidfile: string | null;
  readonly state: string | null;
}

/** Looks for the usual trouble. A check that fails is a finding itself, and keeps none of the others from being made. */
export async function examine(control: ControlClient, instructions: Instructions): Promise<Examination> {
  const patient = await admit(control, instructions);
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return await check(patient);
      } catch (error) {
        return [unfinished(name, error)];
      }
    }),
  );
  return { config: patient.config, pid: patient.daemon?.pid ?? null, findings: found.flat() };
}

async function admit(control: ControlClient, wanted: Instructions): Promise<Patient> {
  const daemon = await answerOf(control);
  const config = resolve(wanted.config ?? daemon?.config ?? (existsSync('/etc/superd.conf') ? '/etc/superd.conf' : '/etc/xinetd.conf'));
  const loaded = await loadFile(config, daemon);
  return {
    config,
    plan: loaded?.plan ?? null,
    diagnostics: loaded?.diagnostics ?? [],
    daemon,
    state: wanted.state === null ? stateOf(daemon) : resolve(wanted.state),
    pidfile: wanted.pidfile === null ? pidfileOf(daemon) : resolve(wanted.pidfile),
    now: Date.now(),
  };
}

async function answerOf(control: ControlClient) {
  try {
    return await control.call('version', {});
  } catch (error) {
    if (error instanceof NoAnswer) return null;
    throw error;
  }
}

async function loadFile(path: string, daemon: RunningDaemon | null): Promise<Loaded | null> {
  try {
    return await loadConfiguration(path, daemon ?? undefined);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

/** Where superd keeps its state unless it is told otherwise, as superd(8) has it. */
function stateOf(daemon: RunningDaemon | null): string | null {
  if (daemon !== null) return daemon.state;
  return process.geteuid?.() === 0 ? '/var/lib/superd' : null;
}

function pidfileOf(daemon: RunningDaemon | null): string | null {
  if (daemon !== null) return daemon.pidfile;
  return ['/run/superd.pid', '/run/xinetd.pid'].find((path) => existsSync(path)) ?? null;
}

const unfinished = (name: string, error: unknown): Finding => ({
  severity: 'warning',
  code: `${name}-unexamined`,
  place: name,
  problem: `could not be looked into: ${errorText(error)}`,
  remedy: 'run superctl doctor as root',
});
