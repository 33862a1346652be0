import type { PeerFacts } from '../../report/event.js';
import type { InternalSession } from '../sessions/internal-session.js';

/** What superd itself does with an admitted connection. */
export interface Answer {
  /**
   * Answers in one piece, closes the socket and emits the event, without a session, which would be over before anyone could see it. Undefined
   * where the answer takes longer.
   *
   * @param now Milliseconds since the epoch.
   */
  readonly answerAtOnce?: (peer: PeerFacts, socket: number, now: number) => void;
  /** Owns the socket from now on. Calls `session.begin`, and later `session.end`; or `session.answered` alone. */
  serve(session: InternalSession, socket: number): void;
}
