import type { PeerFacts } from '../../report/event.js';
import type { InternalSession } from '../sessions/internal-session.js';

/** What superd itself does with an admitted connection. */
export interface Answer {
  /**
   * Where all is said in one go: says it, closes, and tells what happened, without a session, which would be over before anybody could see it.
   *
   * @param now Milliseconds since the epoch.
   */
  readonly answerAtOnce?: (peer: PeerFacts, socket: number, now: number) => void;
  /** The socket is the answer's from now on; it calls `session.begin`, and `session.end` when all is said, or just `session.answered`. */
  serve(session: InternalSession, socket: number): void;
}
