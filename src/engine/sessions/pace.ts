import { runLater } from '../../guarded.js';
import type { Pace } from '../context.js';

/** An output is read at most 200 times a second: a server that writes without end costs superd a few hundredths of a processor. */
const READ_EVERY_MS = 5;

/** All outputs together are read at most 1000 times a second: this much longer for each one that waits. */
const LONGER_FOR_EACH_MS = 1;

/** The pace of all outputs of servers and daemons. */
export function sharedPace(): Pace {
  let waiting = 0;
  return {
    wait: (readAgain) => {
      waiting++;
      let isWaiting = true;
      const end = () => {
        if (isWaiting) waiting--;
        isWaiting = false;
      };
      const timer = runLater(
        () => {
          end();
          readAgain();
        },
        Math.max(READ_EVERY_MS, waiting * LONGER_FOR_EACH_MS),
      );
      return () => {
        clearTimeout(timer);
        end();
      };
    },
  };
}
