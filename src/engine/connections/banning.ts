import { type Address, parseAddress } from '../../address/address.js';
import { parsePrefix } from '../../address/parse-prefix.js';
import { formatPrefix, type Prefix } from '../../address/prefix-set.js';
import type { Plan } from '../../config/plan.js';
import { type Ban, type BanCause, type Bans, MOST_BANS } from '../../gate/bans.js';
import type { GateContext } from '../../gate/context.js';
import { Shadow } from '../../gate/shadow.js';
import { sourceUnit } from '../../gate/source-unit.js';
import { Window } from '../../gate/window.js';
import { runLater } from '../../guarded.js';
import type { EventSink, Notice, RefusalReason, Subject } from '../../report/event.js';
import type { StateSection } from '../../state/document.js';
import type { Store } from '../../state/store.js';
import type { Service } from '../services/service.js';

/** Refusals that the client itself has caused; the others depend on the moment. */
const CLIENTS_FAULT: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'address',
  'rate',
  'per_source_limit',
  'prefix_limit',
  'wrappers',
  'ident',
]);

/** The client that exceeds the `cps` of a service is only the last of many. */
const isClientsFault = ({ plan }: Service, reason: RefusalReason) =>
  CLIENTS_FAULT.has(reason) || (reason === 'cps' && plan.gate.cps?.scope === 'source');

/** `shadow`: counted and reported, and not enforced. */
type Mode = 'enforced' | 'shadow';

/** Bans within this time are one write: a flood of bans must not be a flood of writes. */
const SAVED_AFTER_MS = 500;

/** A ban in the state document; `until` null is forever. */
interface SavedBan {
  readonly source: string;
  readonly since: number;
  readonly until: number | null;
  readonly cause: BanCause;
  readonly service: string;
  readonly comment: string;
}

interface BanContext {
  readonly gateContext: Pick<GateContext, 'bans' | 'hashKey' | 'reportEvictions'>;
  readonly emit: EventSink;
  readonly now: () => number;
}

/** Bans sources, for their refusals or by an operator's command, and keeps the bans over restarts of superd. */
export class Banning {
  private saved: StateSection<readonly SavedBan[]> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private saves = true;
  private reportedFullAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly context: BanContext) {}

  private get bans(): Bans {
    return this.context.gateContext.bans;
  }

  /** Restores the bans of the previous run. */
  start(store: Store): void {
    const saved = store.section('bans', readBans);
    const now = this.context.now();
    for (const { source, since, until, cause, service, comment } of saved.value) {
      const prefix = parsePrefix(source);
      const end = until ?? Number.POSITIVE_INFINITY;
      if (prefix !== null && end > now) this.bans.ban({ prefix, since, until: end, cause, service, comment }, now);
    }
    this.saved = saved;
  }

  /** Takes the exempt sources from a plan. Where logs hide addresses (`log_address`) superd writes no bans to its state. */
  applyPlan({ banExempt, services }: Plan): void {
    this.bans.setExempt(banExempt);
    this.saves = services.every(({ log }) => log.address === undefined);
  }

  /** Counts a refusal, and bans the source when that was one too many. @param address null where the kernel does not know it. */
  refused(service: Service, address: string | null, reason: RefusalReason): void {
    this.judge(service, address, reason, 'enforced');
  }

  /** The same for a refusal that superd only reports (`enforce = shadow`). */
  shadowed(service: Service, address: string | null, reason: RefusalReason): void {
    this.judge(service, address, reason, 'shadow');
  }

  private judge(service: Service, address: string | null, reason: RefusalReason, mode: Mode): void {
    const { sensor, banAfter } = service.plan.gate;
    if (reason !== 'banned' && sensor === null && banAfter === null) return;
    const source = address === null ? null : parseAddress(address.replace(/%.*/, ''));
    if (source === null) return;
    const now = this.context.now();
    if (reason === 'banned') this.listOf(mode).countHit(source, now);
    // The sender of a datagram can be forged: anyone could get anyone banned.
    if (reason === 'banned' || service.plan.endpoint.type === 'dgram') return;
    if (sensor !== null) this.offender(source, sensor.banSeconds, 'sensor', service.subject, mode);
    else if (banAfter !== null && isClientsFault(service, reason) && this.countUp(service, source, now, mode) >= banAfter.refusals)
      this.offender(source, banAfter.banSeconds, 'refusals', service.subject, mode);
  }

  private listOf(mode: Mode): Bans {
    return mode === 'enforced' ? this.bans : this.bans.shadow;
  }

  /**
   * Bans a source by an operator's command, in place of an earlier ban of the same source.
   *
   * @param seconds Infinity is forever.
   * @returns false when the source is exempt.
   */
  ban(prefix: Prefix, seconds: number, comment: string): boolean {
    return this.add(prefix, seconds, 'operator', null, comment, 'enforced');
  }

  /** @param text CIDR notation or an address. @returns Whether there was such a ban. */
  unban(text: string): boolean {
    const prefix = parsePrefix(text);
    if (prefix === null || !this.bans.remove(formatPrefix(prefix))) return false;
    this.save();
    return true;
  }

  list(): readonly (Ban & { readonly hits: number })[] {
    return this.bans.list(this.context.now());
  }

  /** Writes pending changes. */
  stop(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.write();
  }

  private countUp({ plan, tally }: Service, source: Address, now: number, mode: Mode): number {
    const { hashKey, reportEvictions } = this.context.gateContext;
    const book = mode === 'enforced' ? tally : (tally.shadow ??= new Shadow());
    book.refusals ??= new Window(hashKey(), (plan.gate.banAfter?.seconds ?? 0) * 1000);
    const times = book.refusals.add(source, now);
    reportEvictions(book.refusals.table);
    return times;
  }

  private offender(source: Address, seconds: number, cause: BanCause, service: Subject, mode: Mode): void {
    if (seconds > 0) this.add(sourceUnit(source), seconds, cause, service, '', mode);
  }

  private add(prefix: Prefix, seconds: number, cause: BanCause, service: Subject | null, comment: string, mode: Mode): boolean {
    const at = this.context.now();
    const until = at + seconds * 1000;
    const outcome = this.listOf(mode).ban({ prefix, since: at, until, cause, service: service?.id ?? '', comment }, at);
    if (outcome === 'exempt') return false;
    if (outcome !== 'added' && mode === 'enforced') this.reportFull(at);
    const end = until === Number.POSITIVE_INFINITY ? null : until;
    this.context.emit({
      type: 'source-banned',
      at,
      source: formatPrefix(prefix),
      until: end,
      cause,
      service,
      ...(mode === 'shadow' ? { shadow: true } : {}),
    });
    if (mode === 'enforced') this.save();
    return true;
  }

  private reportFull(at: number): void {
    if (Math.abs(at - this.reportedFullAt) < 60_000) return;
    this.reportedFullAt = at;
    const message = `${MOST_BANS} sources are banned, the most there can be: superd drops the bans of those that try least`;
    this.context.emit({ type: 'notice', at, level: 'warning' satisfies Notice['level'], message });
  }

  private save(): void {
    if (this.saved === null || this.timer !== null) return;
    this.timer = runLater(() => this.write(), SAVED_AFTER_MS);
    this.timer.unref();
  }

  private write(): void {
    this.timer = null;
    this.saved?.set(
      (this.saves ? this.list() : []).map(({ text, since, until, cause, service, comment }) => ({
        source: text,
        since,
        until: until === Number.POSITIVE_INFINITY ? null : until,
        cause,
        service,
        comment,
      })),
    );
  }
}

function readBans(value: unknown): readonly SavedBan[] {
  return Array.isArray(value) ? value.filter(isSavedBan) : [];
}

function isSavedBan(value: unknown): value is SavedBan {
  if (typeof value !== 'object' || value === null) return false;
  const { source, since, until, cause, service, comment } = value as Record<string, unknown>;
  const words = [source, service, comment].every((one) => typeof one === 'string');
  const times = typeof since === 'number' && (until === null || typeof until === 'number');
  return words && times && (cause === 'sensor' || cause === 'refusals' || cause === 'operator');
}
