import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import { connect } from 'node:net';

/** What one client may take in an exercise; those that a fault has hit get no answer at all. */
const PATIENCE_MS = 400;

/** Connects, sends a line, and resolves with the answer up to its end; with what there is when it takes too long, or fails. */
export function exchange(port: number, line: string, milliseconds = PATIENCE_MS): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const timer = setTimeout(() => socket.destroy(), milliseconds);
    socket.on('connect', () => socket.end(line));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** The same with one datagram each way. */
export function exchangeDatagram(port: number, text: string, milliseconds = PATIENCE_MS): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (answer: string) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end(''), milliseconds);
    socket.once('message', (data) => end(data.toString()));
    socket.once('error', () => end(''));
    socket.send(text, port, '127.0.0.1');
  });
}

/** The HTTP status of a verb on the control socket; 0 when there is no answer. */
export function command(socketPath: string, verb: string, parameters: object = {}, milliseconds = PATIENCE_MS): Promise<number> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: `/v1/${verb}`, method: 'POST', timeout: milliseconds }, (response) => {
      response.resume().on('close', () => resolve(response.statusCode ?? 0));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(0));
    asked.end(JSON.stringify(parameters));
  });
}
