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

  /** Bytes passed on so far; null where nobody counts them. */
  get traffic(): Traffic | null {
    return this.measure();
  }

  /**
   * @param close Ends the conversation before its time; it leads to `end`.
   * @param measure What `traffic` is at any moment.
   */
  begin(close: () => void, measure: () => Traffic | null = () => null): void {
    this.close = close;
    this.measure = measure;
    this.reportStart();
  }

  /** Goes on as long as another session, which counts in its stead among those of all services; `end` follows that one's end. */
  handOver(): void {
    this.context.sessions.delete(this);
    this.close = () => this.end();
  }

  /** It was over at once: told as one fact. */
  answered(): void {
    const { id: session, peer } = this;
    this.release();
    this.context.emit({ type: 'session-answered', at: this.context.now(), service: this.service.subject, session, peer });
  }

  /** The conversation is over. */
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
