import { isatty, type ReadStream, type WriteStream } from 'node:tty';

/** The other screen, without a cursor; and back, whatever was begun. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?25h\x1b[?1049l';

/** What a terminal and its signals bring. */
export interface Heard {
  key(text: string): void;
  resized(): void;
  /** Somebody else wants the end. */
  ended(signal: NodeJS.Signals): void;
}

const ENDINGS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** A terminal that is ours for a while, and is given back as it was, also when something goes wrong. */
export class TopScreen {
  private isOurs = false;
  private readonly undo: (() => void)[] = [];

  constructor(
    private readonly input: ReadStream,
    private readonly output: WriteStream,
  ) {}

  get size(): { readonly width: number; readonly height: number } {
    return { width: this.output.columns || 80, height: this.output.rows || 24 };
  }

  open(heard: Heard): void {
    this.input.setEncoding('utf8');
    this.listen(this.input, 'data', (text: string) => heard.key(text));
    this.listen(this.input, 'end', () => heard.ended('SIGHUP'));
    this.listen(this.output, 'resize', () => heard.resized());
    for (const signal of ENDINGS) this.listen(process, signal, () => heard.ended(signal));
    this.listen(process, 'SIGTSTP', () => this.suspend());
    this.listen(process, 'SIGCONT', () => {
      this.take();
      heard.resized();
    });
    // Before Node prints what nobody has caught: it would be gone with the other screen.
    this.listen(process, 'uncaughtExceptionMonitor', () => this.giveBack());
    this.listen(process, 'exit', () => this.giveBack());
    this.take();
    this.input.resume();
  }

  close(): void {
    for (const undo of this.undo.splice(0)) undo();
    this.giveBack();
    this.input.pause();
  }

  /** Stops superctl as ^Z does elsewhere; the shell goes on, and `fg` brings it back. */
  suspend(): void {
    this.giveBack();
    // SIGTSTP would be passed over where no shell waits for us.
    process.kill(process.pid, 'SIGSTOP');
  }

  draw(lines: readonly string[]): void {
    if (!this.isOurs) return;
    this.output.write(`\x1b[H${lines.map((line) => `${line}\x1b[0m\x1b[K`).join('\r\n')}\x1b[J`);
  }

  /** Also when it is ours already: whoever stopped us may have had it otherwise meanwhile. */
  private take(): void {
    this.input.setRawMode(false);
    this.input.setRawMode(true);
    this.output.write(ENTER);
    this.isOurs = true;
  }

  private giveBack(): void {
    if (!this.isOurs) return;
    this.isOurs = false;
    if (!isatty(0)) this.hangUp();
    this.input.setRawMode(false);
    this.output.write(LEAVE);
  }

  /** The terminal itself is gone. Node, which gives it back once more at its end, would abort over that. */
  private hangUp(): void {
    for (const undo of this.undo.splice(0)) undo();
    process.kill(process.pid, 'SIGHUP');
  }

  private listen(to: NodeJS.EventEmitter, event: string, listener: (...args: never[]) => void): void {
    to.on(event, listener as () => void);
    this.undo.push(() => to.off(event, listener as () => void));
  }
}
