import { monotonicMs } from '../../clock.js';
import type { RedirectPlan } from '../../config/plan.js';
import { describeErrno } from '../../errors.js';
import { lookUp } from '../../os/names.js';
import { type Heading, type Place, Targets, type Way } from '../../relay/targets.js';
import type { Notice } from '../../report/event.js';
import type { ReportContext } from '../context.js';

const LOOK_UP_DEADLINE_MS = 5000;

/** Where a redirect service leads, and what is told of it. */
export class Destination implements Heading {
  private readonly targets: Targets;
  /** Nobody knows an address, and that has been told. */
  private isLost = false;

  constructor(
    private readonly context: ReportContext,
    private readonly plan: RedirectPlan,
  ) {
    const { targets, connectTimeout, idleTimeout, endpoint, program } = plan;
    const manner = {
      connectTimeout,
      idleTimeout: idleTimeout === Infinity ? 0 : idleTimeout,
      keepalive: endpoint.keepalive,
      mark: 0,
      credentials: isOurselves(program.credentials) ? null : program.credentials,
    };
    const unusable = (place: Place, errno: number) => this.failed(place, errno);
    this.targets = new Targets({ targets, manner, lookUp: addressesOf, unusable, clock: () => monotonicMs() });
  }

  current(): Way | null {
    const way = this.targets.current();
    if (way !== null && this.isLost) {
      this.isLost = false;
      this.tell('notice', 'a target has an address again');
    }
    return way;
  }

  learn(): Promise<void> {
    return this.targets.learn();
  }

  failed(place: Place, errno: number): void {
    if (!this.targets.failed(place)) return;
    const [code, text] = describeErrno(errno);
    this.tell('error', `cannot connect to ${place.description}: ${text} (${code})`);
  }

  worked(place: Place): void {
    if (this.targets.worked(place)) this.tell('notice', `${place.description} takes connections again`);
  }

  tellOfNoAddress(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.tell('error', 'no target has an address');
  }

  private tell(level: Notice['level'], message: string): void {
    this.context.notice(level, `${this.plan.id}: ${message}`);
  }
}

function isOurselves({ uid, gid }: RedirectPlan['program']['credentials']): boolean {
  return uid === process.geteuid?.() && gid === process.getegid?.() && process.geteuid() !== 0;
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const [answer] = await lookUp([['addresses', host]], LOOK_UP_DEADLINE_MS);
  const found = answer?.kind === 'addresses' ? answer.addresses : [];
  return [...found.filter((one) => !one.includes(':')), ...found.filter((one) => one.includes(':'))];
}
