import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Loaded } from '../../config/load.js';
import { type ControlClient, NoAnswer } from '../../control/client.js';
import { ConfigError } from '../../errors.js';
import { errorText } from '../error-text.js';
import { loadConfiguration } from '../load-configuration.js';
import { checks } from './checks/table.js';
import type { CheckContext, RunningDaemon } from './context.js';
import type { Finding } from './finding.js';

export interface DoctorReport {
  readonly config: string;
  /** The process that answered; null when none did. */
  readonly pid: number | null;
  readonly findings: readonly Finding[];
}

/** Paths that replace those of the running superd. */
export interface PathOverrides {
  readonly config: string | null;
  readonly pidfile: string | null;
  readonly state: string | null;
}

/** Runs every check. A check that throws becomes a finding itself; the others still run. */
export async function examine(control: ControlClient, overrides: PathOverrides): Promise<DoctorReport> {
  const context = await gatherContext(control, overrides);
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return await check(context);
      } catch (error) {
        return [failedCheck(name, error)];
      }
    }),
  );
  return { config: context.config, pid: context.daemon?.pid ?? null, findings: found.flat() };
}

async function gatherContext(control: ControlClient, overrides: PathOverrides): Promise<CheckContext> {
  const daemon = await runningDaemon(control);
  const config = resolve(overrides.config ?? daemon?.config ?? (existsSync('/etc/superd.conf') ? '/etc/superd.conf' : '/etc/xinetd.conf'));
  const loaded = await loadFile(config, daemon);
  return {
    config,
    plan: loaded?.plan ?? null,
    diagnostics: loaded?.diagnostics ?? [],
    daemon,
    state: overrides.state === null ? stateOf(daemon) : resolve(overrides.state),
    pidfile: overrides.pidfile === null ? pidfileOf(daemon) : resolve(overrides.pidfile),
    now: Date.now(),
  };
}

async function runningDaemon(control: ControlClient): Promise<RunningDaemon | null> {
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

/** The default of superd(8) when no superd runs. */
function stateOf(daemon: RunningDaemon | null): string | null {
  if (daemon !== null) return daemon.state;
  return process.geteuid?.() === 0 ? '/var/lib/superd' : null;
}

function pidfileOf(daemon: RunningDaemon | null): string | null {
  if (daemon !== null) return daemon.pidfile;
  return ['/run/superd.pid', '/run/xinetd.pid'].find((path) => existsSync(path)) ?? null;
}

const failedCheck = (name: string, error: unknown): Finding => ({
  severity: 'warning',
  code: `${name}-unexamined`,
  place: name,
  problem: `this check failed: ${errorText(error)}`,
  remedy: 'run superctl doctor as root',
});
