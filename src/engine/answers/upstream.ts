import { monotonicMs } from '../../clock.js';
import type { RedirectPlan } from '../../config/plan.js';
import { describeErrno } from '../../errors.js';
import { lookUp } from '../../os/names.js';
import { type TargetAddress, type TargetRoute, Targets, type Upstream } from '../../relay/targets.js';
import type { Notice } from '../../report/event.js';
import type { ReportContext } from '../context.js';

const LOOKUP_DEADLINE_MS = 5000;

/** The targets of a redirect service; reports when they fail and when they work again. */
export class RedirectUpstream implements Upstream {
  private readonly targets: Targets;
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
    const onUnusable = (address: TargetAddress, errno: number) => this.markFailed(address, errno);
    this.targets = new Targets({ targets, routeOptions, lookUp: addressesOf, onUnusable, clock: () => monotonicMs() });
  }

  current(): TargetRoute | null {
    const route = this.targets.current();
    if (route !== null && this.hasNoAddress) {
      this.hasNoAddress = false;
      this.report('notice', 'a target has an address again');
    }
    return route;
  }

  resolve(): Promise<void> {
    return this.targets.resolve();
  }

  markFailed(address: TargetAddress, errno: number): void {
    if (!this.targets.markFailed(address)) return;
    const [code, text] = describeErrno(errno);
    this.report('error', `cannot connect to ${address.description}: ${text} (${code})`);
  }

  markWorking(address: TargetAddress): void {
    if (this.targets.markWorking(address)) this.report('notice', `${address.description} takes connections again`);
  }

  reportNoAddress(): void {
    if (this.hasNoAddress) return;
    this.hasNoAddress = true;
    this.report('error', 'no target has an address');
  }

  private report(level: Notice['level'], message: string): void {
    this.context.notice(level, `${this.plan.id}: ${message}`);
  }
}

/** Without root, superd connects as itself. */
function isSuperdsOwn({ uid, gid }: RedirectPlan['program']['credentials']): boolean {
  return uid === process.geteuid?.() && gid === process.getegid?.() && process.geteuid() !== 0;
}

/** IPv4 first. */
async function addressesOf(host: string): Promise<readonly string[]> {
  const [answer] = await lookUp([['addresses', host]], LOOKUP_DEADLINE_MS);
  const found = answer?.kind === 'addresses' ? answer.addresses : [];
  return [...found.filter((one) => !one.includes(':')), ...found.filter((one) => one.includes(':'))];
}
