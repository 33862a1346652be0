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
 * Standard error. A terminal or pipe is opened anew, non-blocking for us alone, so that one that is stopped or not read cannot hold us.
 * A file is taken as it is, since others write to it at the same place; a socket as well, since it cannot be opened.
 */
export function openTerminal(report: EventSink, serially: Serially): LineSink {
  const lossLine: LossLine = (loss) => `${xinetdLossLine(loss)}\n`;
  const stats = fstatSync(STDERR);
  if (!stats.isFile() && !stats.isSocket()) {
    try {
      closeSync(openAppend('/dev/stderr').fd);
      return new FileSink({ path: '/dev/stderr', limits: unlimited, lossLine, report, serially });
    } catch {
      // EACCES of another user's terminal: then it is written as it is.
    }
  }
  // Each time, because Node makes it blocking again when process.stderr is first used.
  const prepare = stats.isSocket() ? () => setNonblocking(STDERR, true) : () => {};
  return new DescriptorSink({ fd: STDERR, prepare, lossLine, report });
}
