import { writeSync } from 'node:fs';
import type { EventSink } from '../event.js';
import { LineBuffer } from './line-buffer.js';
import type { LineSink, LossLine } from './line-sink.js';
import { describeFailure, failureCode, SinkHealth } from './sink-health.js';

/** Bytes buffered for a slow reader; further lines are lost and counted. */
const BUFFER_BYTES = 64 * 1024;
const RETRY_MS = 50;

export interface DescriptorSinkOptions {
  readonly fd: number;
  /** Called before every write(2); makes the descriptor non-blocking when no other process is affected. */
  readonly prepare: () => void;
  readonly lossLine: LossLine;
  readonly report: EventSink;
}

/** Writes lines to an inherited descriptor that cannot be reopened: standard error when it is a file or a socket. */
export class DescriptorSink implements LineSink {
  readonly #health: SinkHealth;
  readonly #lines = new LineBuffer();
  #retry: NodeJS.Timeout | null = null;
  #writing = false;

  constructor(private readonly options: DescriptorSinkOptions) {
    this.#health = new SinkHealth(`descriptor ${options.fd}`, options.report);
  }

  write(line: string): void {
    const full = this.#lines.size + line.length > BUFFER_BYTES;
    if (this.#health.isLosing || full) this.#health.lose('lines come faster than they can be written');
    else this.#lines.add(line);
    if (this.#retry === null) this.flush();
  }

  reopen(): void {
    this.flush();
  }

  flush(): void {
    if (this.#writing) return;
    this.#writing = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    try {
      this.#drain();
    } catch (error) {
      this.#retry = setTimeout(() => this.flush(), RETRY_MS).unref();
      if (failureCode(error) !== 'EAGAIN') this.#health.fail(describeFailure(error, this.#health.sink));
    } finally {
      this.#writing = false;
    }
  }

  close(): void {
    this.flush();
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  #drain(): void {
    this.options.prepare();
    for (;;) {
      while (this.#lines.size > 0) this.#lines.written(writeSync(this.options.fd, this.#lines.head(Number.POSITIVE_INFINITY)));
      const loss = this.#health.recover();
      if (loss === null) return;
      this.#lines.add(this.options.lossLine(loss));
    }
  }
}
