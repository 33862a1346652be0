import type { Prefix } from '../address/prefix-set.js';
import type { DaemonPlan } from './plan/daemon.js';
import type { RejectedPlan } from './plan/rejected.js';
import type { ScriptPlan } from './plan/script.js';
import type { MuxedPlan, ServicePlan } from './plan/service.js';

export type * from './plan/activation.js';
export * from './plan/builtin.js';
export * from './plan/daemon.js';
export type * from './plan/gate.js';
export type * from './plan/log.js';
export type * from './plan/program.js';
export type * from './plan/rejected.js';
export type * from './plan/script.js';
export type * from './plan/service.js';

/**
 * The whole configuration as superd runs it: checked, resolved (ids, ports, names), frozen, pure data. Outside `config/`, code reads the
 * plan and never the text.
 */
export interface Plan {
  readonly services: readonly ServicePlan[];
  /** The services behind the service tcpmux; their names are unique, in any case. */
  readonly muxed: readonly MuxedPlan[];
  /** Resident daemons, in the order of the text; ids are unique among them. */
  readonly daemons: readonly DaemonPlan[];
  /** Init scripts, in the order of their start; ids are unique among them and the daemons. */
  readonly scripts: readonly ScriptPlan[];
  /** Services that cannot run. An id may also be that of a service that runs. */
  readonly rejected: readonly RejectedPlan[];
  /** Every file that superd read, in order. */
  readonly files: readonly string[];
  /** The files of the TCP Wrappers tables: `hosts_allow` and `hosts_deny` in `defaults`. */
  readonly tables: { readonly allow: string; readonly deny: string };
  /** Sources that are never banned: `ban_exempt` in `defaults`. */
  readonly banExempt: readonly Prefix[];
  readonly control: ControlPlan;
}

/** Who may use the control socket, besides root and superd's own user. */
export interface ControlPlan {
  readonly admin: ControlUsersPlan;
  readonly read: ControlUsersPlan;
}

export interface ControlUsersPlan {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
}

type Leaf = string | number | boolean | null | undefined | readonly unknown[] | ReadonlySet<unknown>;
type PathIn<T> = T extends Leaf ? never : { [K in keyof T & string]-?: K | `${K}.${PathIn<T[K]>}` }[keyof T & string];

/** The place of a value in the plan of a service, a daemon or a script, or in the plan as a whole: `gate.perSource`. */
export type PlanPath = PathIn<ServicePlan | MuxedPlan | DaemonPlan | ScriptPlan> | PathIn<Pick<Plan, 'tables' | 'banExempt' | 'control'>>;
