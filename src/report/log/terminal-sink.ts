import type { EventSink } from '../event.js';
import { FileSink } from './file-sink.js';
import type { Serially } from './generations.js';
import type { LineSink } from './line-sink.js';
import { unlimited } from './log-file.js';
import { xinetdLossLine } from './xinetd-line.js';

/** superd's own standard error, whatever it is: a terminal, a pipe, a file or a socket. */
export function openTerminal(report: EventSink, serially: Serially): LineSink {
  return new FileSink({ path: '/dev/stderr', limits: unlimited, lossLine: (loss) => `${xinetdLossLine(loss)}\n`, report, serially });
}
