import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, run } from './run.js';
import { temporaryDirectory } from './temporary.js';

/** `wait_for TEXT` waits for exactly this text from the program spawned last, or from the program of `spawn_id`. */
const PREAMBLE = `
  set timeout 60
  proc give_up {why} {
    send_user "\n--- $why\n"
    exit 1
  }
  proc wait_for {text} {
    global spawn_id
    expect {
      -ex $text {}
      timeout { give_up "waited in vain for: $text" }
      eof { give_up "ended before: $text" }
    }
  }
`;

/**
 * Runs an expect(1) script, which drives a client that needs a terminal. A `wait_for` that fails ends the script with status 1. The
 * dialogue goes to stdout. Arguments arrive as `[lindex $argv 0]` and on.
 */
export function dialogue(script: string, args: readonly string[], prefix: readonly string[] = []): Promise<Outcome> {
  const file = join(temporaryDirectory(), 'dialogue.exp');
  writeFileSync(file, PREAMBLE + script);
  const [program, ...rest] = [...prefix, 'expect', '-f', file, ...args];
  return run(program!, rest, { timeoutMs: 180_000, env: { TERM: 'vt100' } });
}
