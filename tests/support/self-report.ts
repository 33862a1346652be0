import { ask, type Target } from './client.js';
import { fixture } from './fixture.js';

/** What `report-self` writes about its own process. Limits are [soft, hard], −1 for none. */
export interface SelfReport {
  readonly descriptors: readonly Descriptor[];
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  /** Real, effective, saved. */
  readonly uids: readonly [number, number, number];
  readonly gids: readonly [number, number, number];
  readonly groups: readonly number[];
  readonly cwd: string;
  readonly umask: number;
  readonly nice: number;
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  /** Whether it has a controlling terminal. */
  readonly terminal: boolean;
  /** SO_KEEPALIVE and TCP_NODELAY of descriptor 0. */
  readonly keepalive: boolean;
  readonly nodelay: boolean;
  /** Hexadecimal masks, as in /proc/self/status. */
  readonly SigBlk: string;
  readonly SigIgn: string;
  readonly CapEff: string;
  readonly CapPrm: string;
  readonly NoNewPrivs: string;
  readonly limits: Readonly<Record<'as' | 'core' | 'cpu' | 'data' | 'nproc' | 'rss' | 'stack' | 'files', readonly [number, number]>>;
}

export interface Descriptor {
  readonly fd: number;
  readonly socket: boolean;
  readonly nonblocking: boolean;
  readonly closeOnExec: boolean;
  /** O_RDONLY 0, O_WRONLY 1, O_RDWR 2. */
  readonly access: number;
  readonly target: string;
}

/** The server whose answer `askSelf` reads. */
export function reporter(): string {
  return fixture('report-self.c');
}

/** Connects to a service whose server is `reporter()`, and returns its report. */
export async function askSelf(target: Target): Promise<SelfReport> {
  return JSON.parse(await ask(target)) as SelfReport;
}

/** The environment of a report by name. */
export function environmentOf(report: SelfReport): ReadonlyMap<string, string> {
  return new Map(
    report.environment.map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
