import type { ResourceUsage } from '../report/event.js';
import { Session } from './session.js';

const NOTHING_USED: ResourceUsage = { userMicroseconds: 0, systemMicroseconds: 0, maxRssKilobytes: 0 };

/** A session in which superd itself is the server. */
export class OwnSession extends Session {
  readonly pid = 0;
  private close: (() => void) | null = null;

  get launched(): boolean {
    return this.close !== null;
  }

  /** @param close Ends the conversation before its time; it leads to `end`. */
  begin(close: () => void): void {
    this.close = close;
    this.tellStart();
  }

  /** It was over at once: told as one fact. */
  answered(): void {
    const { id: session, peer } = this;
    this.release();
    this.runtime.emit({ type: 'session-answered', at: this.runtime.now(), service: this.service.subject, session, peer });
  }

  /** The conversation is over. */
  end(): void {
    if (this.gone) return;
    this.release();
    this.tellEnd({ kind: 'exited', status: 0 }, NOTHING_USED);
  }

  tell(): boolean {
    this.close?.();
    return this.launched;
  }
}
