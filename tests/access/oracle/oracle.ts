import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { atEnd } from '../../support/at-end.js';

/** Two tables and a request, in the form that the oracle and `superctl access match` read. */
export interface Row {
  readonly allow: string;
  readonly deny: string;
  readonly request: RowRequest;
}

export interface RowRequest {
  readonly daemon: string;
  readonly address: string;
  readonly hostname: string;
  readonly user: string;
  readonly server_address: string;
  readonly server_hostname: string;
  readonly server_port?: number;
  readonly client_port?: number;
}

export interface OracleAnswer {
  readonly verdict: 'allow' | 'deny' | 'twist' | 'exit' | 'crash';
  readonly log: readonly string[];
  readonly commands: readonly string[];
  readonly twist?: string;
}

/** The requirements on the machine, for `describeWith`. */
export const oracleNeeds = { programs: ['gcc', ...(existsSync('/usr/include/tcpd.h') ? [] : ['libwrap0-dev'])] };

/** The real library, in a separate process that forks for every row. */
export class Oracle {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(directory: string) {
    const program = join(directory, 'oracle');
    const source = new URL('oracle.c', import.meta.url).pathname;
    execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Wno-nonnull', '-o', program, source, '-lwrap']);
    this.child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    atEnd(() => void this.child.kill('SIGKILL'));
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** Answers in the order of the rows. */
  async ask(rows: readonly Row[]): Promise<OracleAnswer[]> {
    this.child.stdin!.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const answers: OracleAnswer[] = [];
    while (answers.length < rows.length) {
      const line = await this.answers.next();
      if (line.done === true) throw new Error('the oracle ended early');
      answers.push(JSON.parse(line.value) as OracleAnswer);
    }
    return answers;
  }

  async end(): Promise<void> {
    this.child.stdin!.end();
    await once(this.child, 'close');
  }
}
