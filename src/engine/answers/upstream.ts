import { monotonicMs } from '../../clock.js';
import type { RedirectPlan } from '../../config/plan.js';
import { describeErrno } from '../../errors.js';
import { lookUp } from '../../os/names.js';
import { type TargetAddress, type TargetRoute, Targets, type Upstream } from '../../relay/targets.js';
import type { Notice } from '../../report/event.js';
import type { ReportContext } from '../context.js';

const LOOK_UP_DEADLINE_MS = 5000;

/** Where a redirect service leads, and what is told of it. */
export class RedirectUpstream implements Upstream {
  private readonly targets: Targets;
  /** Nobody knows an address, and that has been told. */
  private hasNoAddress = false;

  constructor(
    private readonly context: ReportContext,
    private readonly plan: RedirectPlan,
  ) {
    const { targets, connectTimeout, idleTimeout, endpoint, program } = plan;
    const routeOptions = {
      connectTimeout,
      idleTimeout: idleTimeout === Infinity ? 0 : idleTimeout,
      keepalive: endpoint.keepalive,
      mark: 0,
      credentials: isSuperdsOwn(program.credentials) ? null : program.credentials,
    };
    const onUnusable = (place: TargetAddress, errno: number) => this.markFailed(place, errno);
    this.targets = new Targets({ targets, routeOptions, lookUp: addressesOf, onUnusable, clock: () => monotonicMs() });
  }

  current(): TargetRoute | null {
    const way = this.targets.current();
    if (way !== null && this.hasNoAddress) {
      this.hasNoAddress = false;
      this.tell('notice', 'a target has an address again');
    }
    return way;
  }

  resolve(): Promise<void> {
    return this.targets.resolve();
  }

  markFailed(place: TargetAddress, errno: number): void {
    if (!this.targets.markFailed(place)) return;
    const [code, text] = describeErrno(errno);
    this.tell('error', `cannot connect to ${place.description}: ${text} (${code})`);
  }

  markWorking(place: TargetAddress): void {
    if (this.targets.markWorking(place)) this.tell('notice', `${place.description} takes connections again`);
  }

  reportNoAddress(): void {
    if (this.hasNoAddress) return;
    this.hasNoAddress = true;
    this.tell('error', 'no target has an address');
  }

  private tell(level: Notice['level'], message: string): void {
    this.context.notice(level, `${this.plan.id}: ${message}`);
  }
}

function isSuperdsOwn({ uid, gid }: RedirectPlan['program']['credentials']): boolean {
  return uid === process.geteuid?.() && gid === process.getegid?.() && process.geteuid() !== 0;
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const [answer] = await lookUp([['addresses', host]], LOOK_UP_DEADLINE_MS);
  const found = answer?.kind === 'addresses' ? answer.addresses : [];
  return [...found.filter((one) => !one.includes(':')), ...found.filter((one) => one.includes(':'))];
}
