import { writeSync } from 'node:fs';
import type { EventSink } from '../event.js';
import type { LineSink } from './line-sink.js';
import type { Loss } from './session-line.js';
import { describeFailure, Trouble } from './trouble.js';

/** Lines to a descriptor that came from outside and cannot be opened anew, as a socket that stands as standard error. */
export class DescriptorSink implements LineSink {
  readonly #trouble: Trouble;

  constructor(
    private readonly fd: number,
    private readonly lossLine: (loss: Loss) => string,
    report: EventSink,
  ) {
    this.#trouble = new Trouble(`descriptor ${fd}`, report);
  }

  write(line: string): void {
    try {
      writeSync(this.fd, line);
      const loss = this.#trouble.recover();
      if (loss !== null) writeSync(this.fd, this.lossLine(loss));
    } catch (error) {
      this.#trouble.lose(describeFailure(error, `descriptor ${this.fd}`));
    }
  }

  reopen(): void {}

  flush(): void {}

  close(): void {}
}
