import type { Probe } from '../config/plan.js';
import { runLater } from '../guarded.js';
import type { SuperviseContext } from './context.js';
import { type Behalf, runDaemonCommand } from './daemon-command.js';

export interface ProbeTarget extends Behalf {
  readonly context: SuperviseContext;
}

const DEADLINE_MS = 5000;
/** The status line has the answer; superd reads no further. */
const STATUS_LINE = /^HTTP\/1\.[01] ([23])\d\d /;
const LONGEST_STATUS_LINE = 1000;

/** Whether a daemon answers a probe within five seconds. Never rejects. */
export async function answers(probe: Probe, target: ProbeTarget): Promise<boolean> {
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
      return (await runDaemonCommand(probe.argv, target, target.context, DEADLINE_MS)) === 0;
  }
}

/** Connects and, with a request, checks the status line of the response. */
async function connects(host: string, port: number, request: string | null): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host, port, timeout: DEADLINE_MS });
    const end = (answer: boolean) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = runLater(() => end(false), DEADLINE_MS);
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('connect', () => (request === null ? end(true) : socket.write(request)));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\n')) end(STATUS_LINE.test(text));
      else if (text.length > LONGEST_STATUS_LINE) end(false);
    });
  });
}
