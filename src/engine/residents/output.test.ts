import { mkdtempSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../../tests/support/temporary.js';
import { DaemonOutput, type Destination } from './output.js';
import { PipePeek } from './pipe-peek.js';

/** A destination that is slow until `finish`. */
class SlowDestination implements Destination {
  readonly lines: string[] = [];
  isReady = true;
  private waiting: (() => void)[] = [];

  write(lines: string): void {
    this.lines.push(lines);
    this.isReady = false;
  }

  whenReady(then: () => void): () => void {
    this.waiting.push(then);
    return () => {
      this.waiting = this.waiting.filter((one) => one !== then);
    };
  }

  finish(): void {
    this.isReady = true;
    for (const then of this.waiting.splice(0)) then();
  }
}

function open(path: string | null = null) {
  const to = new SlowDestination();
  const loop = { onReadable: () => {}, rearmed: 0 };
  const peek = new PipePeek();
  onTestFinished(() => peek.close());
  const output = new DaemonOutput({
    path,
    to,
    peek,
    watch: (_, onReadable) => {
      loop.onReadable = onReadable;
      return { rearm: () => void loop.rearmed++, stop: () => {} };
    },
    pace: {
      wait: (readAgain) => {
        readAgain();
        return () => {};
      },
    },
    broken: (error) => {
      throw error;
    },
  });
  return { to, loop, output, descriptor: output.descriptor() };
}

describe('the output of a daemon, while its destination writes', () => {
  it('is not read on, and goes on after that: no line is lost', () => {
    const { to, loop, output, descriptor } = open();
    writeSync(descriptor, 'one\n');
    loop.onReadable();
    writeSync(descriptor, 'two\n');
    loop.onReadable();
    output.drain();
    expect({ lines: to.lines, rearmed: loop.rearmed }).toEqual({ lines: ['one\n'], rearmed: 0 });
    to.finish();
    expect(loop.rearmed).toBeGreaterThan(0);
    loop.onReadable();
    expect(to.lines).toEqual(['one\n', 'two\n']);
    output.close('final');
  });

  it('stays in the pipe until it is written, for the next superd', () => {
    const path = join(mkdtempSync(join(temporaryDirectory(), 'x')), 'out');
    const first = open(path);
    writeSync(first.descriptor, 'one\n');
    first.loop.onReadable();
    first.output.close('adoptable');
    const second = open(path);
    second.output.drain();
    expect(second.to.lines).toEqual(['one\n']);
    second.to.finish();
    second.output.close('final');
  });

  it('is written to its end after the daemon is forgotten', () => {
    const { to, output, descriptor } = open();
    const line = `${'x'.repeat(15_999)}\n`;
    for (let n = 0; n < 4; n++) writeSync(descriptor, line);
    writeSync(descriptor, 'end');
    let isClosed = false;
    output.finish(() => {
      isClosed = true;
    });
    for (let n = 0; n < 4 && !isClosed; n++) {
      expect(to.isReady).toBe(false);
      to.finish();
    }
    expect({ isClosed, text: to.lines.join('') === `${line.repeat(4)}end\n` }).toEqual({ isClosed: true, text: true });
  });
});
