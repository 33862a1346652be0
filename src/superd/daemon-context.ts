import type { Diagnostic } from '../config/diagnostic.js';
import type { HeldBack } from '../config/last-good.js';
import type { Plan } from '../config/plan.js';
import type { Awaited } from '../config/rejections.js';
import type { Engine } from '../engine/engine.js';
import type { Notice } from '../report/event.js';
import type { Logs } from '../report/log/logs.js';
import type { OperatorOverrides } from '../state/operator-overrides.js';
import type { Options } from './options.js';
import type { ServiceManager } from './service-manager.js';

/** A plan with the facts about its reading that superd needs later. */
export interface RunningPlan extends Plan {
  /** Host names without an address. */
  readonly unresolved: readonly string[];
  /** When superd began to read the files, milliseconds since the epoch. */
  readonly readAt: number;
  /** All mistakes of that reading. */
  readonly mistakes: readonly Diagnostic[];
  readonly held: HeldBack;
  /** What rejected services wait for. */
  readonly awaited: readonly Awaited[];
}

/** The parts of the daemon that a change of configuration involves. */
export interface DaemonContext {
  /** The main configuration file. */
  readonly path: string;
  readonly options: Options;
  readonly engine: Engine;
  readonly overrides: OperatorOverrides;
  readonly logs: Logs;
  readonly manager: ServiceManager;
  readonly now: () => number;
  readonly notice: (level: Notice['level'], message: string) => void;
  /** Called after each change of the running plan. */
  readonly onApplied: () => void;
  /** Called when a new plan has no service. */
  readonly onNoServices: () => void;
}

/** The plans of all services that listen, those behind tcpmux included. */
export const servicePlans = ({ services, muxed }: Plan) => [...services, ...muxed];
