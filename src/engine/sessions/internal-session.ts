import type { ResourceUsage, Traffic } from '../../report/event.js';
import { Session } from './session.js';

const NOTHING_USED: ResourceUsage = { userMicroseconds: 0, systemMicroseconds: 0, maxRssKilobytes: 0 };

/** A session in which superd itself is the server. */
export class InternalSession extends Session {
  readonly pid = 0;
  private close: (() => void) | null = null;
  private measure: () => Traffic | null = () => null;

  get launched(): boolean {
    return this.close !== null;
  }

  /** Bytes relayed so far; null where superd does not count them. */
  get traffic(): Traffic | null {
    return this.measure();
  }

  /**
   * @param close Ends the conversation early; has to lead to `end`.
   * @param measure Gives the `traffic` so far.
   */
  begin(close: () => void, measure: () => Traffic | null = () => null): void {
    this.close = close;
    this.measure = measure;
    this.reportStart();
  }

  /** Hands its client to another session, which counts in its place among those of all services; the caller ends this one when that ends. */
  handOver(): void {
    this.context.sessions.delete(this);
    this.close = () => this.end();
  }

  /** The whole conversation is over at once: one event. */
  answered(): void {
    const { id: session, peer } = this;
    this.release();
    this.context.emit({ type: 'session-answered', at: this.context.now(), service: this.subject, session, peer });
  }

  end(traffic: Traffic | null = null): void {
    if (this.gone) return;
    this.release();
    this.reportEnd({ kind: 'exited', status: 0 }, NOTHING_USED, traffic);
  }

  signal(): boolean {
    this.close?.();
    return this.launched;
  }
}
