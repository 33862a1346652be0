import { isatty, type ReadStream, type WriteStream } from 'node:tty';

/** To the alternate screen, without a cursor, and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?25h\x1b[?1049l';

/** Called for input and signals. */
export interface ScreenEvents {
  key(text: string): void;
  resized(): void;
  /** A signal asks superctl to end. */
  ended(signal: NodeJS.Signals): void;
}

const END_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** Takes over the terminal, and restores it even when something goes wrong. */
export class TopScreen {
  private isTaken = false;
  private readonly undo: (() => void)[] = [];

  constructor(
    private readonly input: ReadStream,
    private readonly output: WriteStream,
  ) {}

  get size(): { readonly width: number; readonly height: number } {
    return { width: this.output.columns || 80, height: this.output.rows || 24 };
  }

  open(events: ScreenEvents): void {
    this.input.setEncoding('utf8');
    this.listen(this.input, 'data', (text: string) => events.key(text));
    this.listen(this.input, 'end', () => events.ended('SIGHUP'));
    this.listen(this.output, 'resize', () => events.resized());
    for (const signal of END_SIGNALS) this.listen(process, signal, () => events.ended(signal));
    this.listen(process, 'SIGTSTP', () => this.suspend());
    this.listen(process, 'SIGCONT', () => {
      this.take();
      events.resized();
    });
    // Before Node prints an uncaught exception: on the alternate screen it would be lost.
    this.listen(process, 'uncaughtExceptionMonitor', () => this.restore());
    this.listen(process, 'exit', () => this.restore());
    this.take();
    this.input.resume();
  }

  close(): void {
    for (const undo of this.undo.splice(0)) undo();
    this.restore();
    this.input.pause();
  }

  /** Stops superctl as ^Z does elsewhere; the shell continues, and `fg` brings top back. */
  suspend(): void {
    this.restore();
    // The kernel ignores SIGTSTP for an orphaned process group.
    process.kill(process.pid, 'SIGSTOP');
  }

  draw(lines: readonly string[]): void {
    if (!this.isTaken) return;
    this.output.write(`\x1b[H${lines.map((line) => `${line}\x1b[0m\x1b[K`).join('\r\n')}\x1b[J`);
  }

  /** Sets raw mode anew each time: while superctl was stopped, the shell may have changed the mode. */
  private take(): void {
    this.input.setRawMode(false);
    this.input.setRawMode(true);
    this.output.write(ENTER);
    this.isTaken = true;
  }

  private restore(): void {
    if (!this.isTaken) return;
    this.isTaken = false;
    if (!isatty(0)) this.hangUp();
    this.input.setRawMode(false);
    this.output.write(LEAVE);
  }

  /** The terminal is gone. Node would abort when it restores the mode at its exit, so SIGHUP ends the process first. */
  private hangUp(): void {
    for (const undo of this.undo.splice(0)) undo();
    process.kill(process.pid, 'SIGHUP');
  }

  private listen(to: NodeJS.EventEmitter, event: string, listener: (...args: never[]) => void): void {
    to.on(event, listener as () => void);
    this.undo.push(() => to.off(event, listener as () => void));
  }
}
