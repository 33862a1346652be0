import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from './at-end.js';
import { wholeLines } from './lines.js';
import { PATIENCE_MS, waitFor, within } from './wait-for.js';

/** How a program ended, and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The program gets SIGKILL after this time. */
  readonly timeoutMs?: number;
}

/**
 * Runs a program until it ends, and keeps what it wrote.
 *
 * @example (await run('finger', ['@127.0.0.1'])).stdout
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      timeout: options.timeoutMs ?? PATIENCE_MS,
      killSignal: 'SIGKILL',
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {
      // It ended without reading all of its input.
    });
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** A program that runs beside the test and is killed when the test ends. */
export class Running {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown>;
  #output = '';
  #hasSaidAll = false;

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: 'pipe' });
    this.#exited = once(this.#child, 'close').then(() => (this.#hasSaidAll = true));
    this.#child.stdin.on('error', () => {
      // It ended first.
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    atEnd(() => void this.#child.kill('SIGKILL'));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The complete lines it has written so far. */
  get lines(): string[] {
    const said = this.#hasSaidAll ? this.#output : wholeLines(this.#output);
    return said.split('\n').filter((line) => line !== '');
  }

  async waitForLines(count: number): Promise<string[]> {
    await waitFor(`${count} lines of the program`, () => this.lines.length >= count, { evidence: () => this.#output });
    return this.lines;
  }

  /** Closes its input and waits until it ends. */
  async finish(): Promise<string[]> {
    this.#child.stdin.end();
    await within('the program to end', this.#exited);
    return this.lines;
  }
}
