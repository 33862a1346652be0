import type { Probe } from '../config/plan.js';
import type { SuperviseContext } from './context.js';
import { type Behalf, runDaemonCommand } from './daemon-command.js';

/** Who has not answered by then has not answered. */
const DEADLINE_MS = 5000;
/** More of an answer is of no interest: its first line has the status. */
const FIRST_LINE = /^HTTP\/1\.[01] ([23])\d\d /;

/** Puts one question; never rejects. */
export async function ask(probe: Probe, view: Behalf & { readonly context: SuperviseContext }): Promise<boolean> {
  switch (probe.kind) {
    case 'port':
      return (await connects('127.0.0.1', probe.port, null)) || connects('::1', probe.port, null);
    case 'http':
      return connects(
        probe.host,
        probe.port,
        `GET ${probe.path} HTTP/1.0\r\nHost: ${probe.host}:${probe.port}\r\nUser-Agent: superd\r\n\r\n`,
      );
    case 'exec':
      return (await runDaemonCommand(probe.argv, view, view.context, DEADLINE_MS)) === 0;
  }
}

/** Connects and, if there is something to say, says it and looks at the first words of the answer. */
async function connects(host: string, port: number, say: string | null): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host, port, timeout: DEADLINE_MS });
    const end = (answer: boolean) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => end(false), DEADLINE_MS);
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('connect', () => (say === null ? end(true) : socket.write(say)));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\n')) end(FIRST_LINE.test(text));
      else if (text.length > 1000) end(false);
    });
  });
}
