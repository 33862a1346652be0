import { closeSync, fstatSync } from 'node:fs';
import { setNonblocking } from '../../os/socket.js';
import type { EventSink } from '../event.js';
import { DescriptorSink } from './descriptor-sink.js';
import { FileSink, unlimited } from './file-sink.js';
import type { Serially } from './generations.js';
import type { LineSink, LossLine } from './line-sink.js';
import { openAppend } from './open-append.js';
import { xinetdLossLine } from './xinetd-line.js';

const STDERR = 2;

/**
 * A sink for standard error. A terminal or pipe is reopened, so that O_NONBLOCK affects superd only, and a stopped terminal or a pipe that is
 * not read cannot block superd. A file is used as it is, because other processes share its offset; so is a socket, which cannot be reopened.
 */
export function openTerminal(report: EventSink, serially: Serially): LineSink {
  const lossLine: LossLine = (loss) => `${xinetdLossLine(loss)}\n`;
  const stats = fstatSync(STDERR);
  if (!stats.isFile() && !stats.isSocket()) {
    try {
      closeSync(openAppend('/dev/stderr').fd);
      return new FileSink({ path: '/dev/stderr', limits: unlimited, lossLine, report, serially });
    } catch {
      // EACCES for another user's terminal: write to the descriptor as it is.
    }
  }
  // Before each write, because Node makes the socket blocking again when process.stderr is first used.
  const prepare = stats.isSocket() ? () => setNonblocking(STDERR, true) : () => {};
  return new DescriptorSink({ fd: STDERR, prepare, lossLine, report });
}
