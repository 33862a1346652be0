import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { atEnd } from './at-end.js';
import { fixture } from './fixture.js';
import { waitFor } from './wait-for.js';

/** The stop or the end of a program on a terminal. */
export interface Halt {
  readonly what: 'stopped' | 'ended';
  /** The exit status, or the signal that stopped it; the negative signal where one killed it. */
  readonly status: number;
  /** Whether the terminal has the settings (termios(3)) from before the program began; null when it is gone. */
  readonly restored: boolean | null;
}

/** A program on a new terminal, which draws whole screens from the upper left corner. It ends with the test. */
export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #halts = '';

  constructor({ rows, columns }: { rows: number; columns: number }, program: string, args: readonly string[]) {
    const environment = { ...process.env, TERM: 'xterm-256color', NO_COLOR: '' };
    this.#child = spawn(fixture('own-terminal.py'), [String(rows), String(columns), program, ...args], { stdio: 'pipe', env: environment });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#halts += text));
    this.#child.stdin.on('error', () => {
      // It ended first.
    });
    atEnd(() => void this.#child.stdin.end());
  }

  /** Everything written so far. */
  get output(): string {
    return this.#output;
  }

  /** The lines of the last complete screen, without colours. */
  get screen(): string[] {
    const frames = this.#output.split('\x1b[H').slice(1);
    const whole = frames.filter((frame) => frame.includes('\x1b[J')).at(-1) ?? '';
    return whole
      .slice(0, whole.indexOf('\x1b[J'))
      .split(/\r+\n/)
      .map((line) => line.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, ''));
  }

  get halts(): Halt[] {
    const lines = this.#halts.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as Halt);
  }

  keys(text: string): void {
    this.#tell(['keys', text]);
  }

  resize(rows: number, columns: number): void {
    this.#tell(['size', rows, columns]);
  }

  signal(name: NodeJS.Signals): void {
    this.#tell(['signal', constants.signals[name]]);
  }

  /** Removes the terminal, as closing its window does. */
  hangUp(): void {
    this.#tell(['hang-up']);
  }

  /** Waits until the screen matches. */
  async shows(what: RegExp): Promise<string> {
    return waitFor(`${what} on the screen`, () => what.test(this.screen.join('\n')) && this.screen.join('\n'), {
      evidence: () => `${this.screen.join('\n')}\n${this.#halts}`,
    });
  }

  /** Waits until the program has stopped or ended this many times. */
  async halted(times = 1): Promise<Halt> {
    return waitFor(`halt ${times}`, () => this.halts[times - 1], { evidence: () => `${this.#output.slice(-2000)}\n${this.#halts}` });
  }

  #tell(what: readonly unknown[]): void {
    this.#child.stdin.write(`${JSON.stringify(what)}\n`);
  }
}
