import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { atEnd } from '../support/at-end.js';

/** A server that superd relays datagrams to. */
export interface DatagramTarget {
  readonly port: number;
  readonly received: readonly { readonly text: string; readonly from: RemoteInfo }[];
  close(): void;
}

/** Answers each datagram with the result of `answer`, null for no answer, until the test ends. */
export async function startDatagramTarget(
  answer: (text: string) => string | null,
  { port = 0, host = '127.0.0.1' } = {},
): Promise<DatagramTarget> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const received: { text: string; from: RemoteInfo }[] = [];
  socket.on('message', (data, from) => {
    const text = data.toString();
    received.push({ text, from });
    const reply = answer(text);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  let isOpen = true;
  const close = () => {
    if (isOpen) socket.close();
    isOpen = false;
  };
  atEnd(close);
  return { port: socket.address().port, received, close };
}
