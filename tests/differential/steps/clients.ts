import { Connection, DatagramClient, type Ending, type Target } from '../../support/client.js';
import { patiently, settled } from '../patiently.js';
import type { Request, Verb } from '../steps.js';
import type { World } from '../world.js';

/** What clients do. `to $B` is another port, `from 127.0.0.2` the address to call from, `via ::1` the one to call. */
export const clientSteps: Readonly<Record<string, Verb>> = {
  /** connect NAME */
  async connect(world, request) {
    const connection = await open(targetOf(world, request));
    if (typeof connection === 'string') return [connection];
    world.clients.set(request.word(0, 'connect NAME'), connection);
    return [];
  },

  /** send NAME TEXT */
  send(world, request) {
    clientOf(world, request).send(bytes(request.word(1, 'send NAME TEXT')));
    return [];
  },

  /** end NAME: nothing more will be sent, and it goes on listening. */
  end(world, request) {
    clientOf(world, request).end();
    return [];
  },

  /** close NAME */
  close(world, request) {
    clientOf(world, request).close();
    return [];
  },

  /** hear NAME TEXT: waits until that has been received, and shows what came since the last `hear`. */
  async hear(world, request) {
    const name = request.word(0, 'hear NAME TEXT');
    const wanted = request.word(1, 'hear NAME TEXT');
    const connection = clientOf(world, request);
    const fresh = () => connection.bytes.subarray(world.shown.get(`client ${name}`) ?? 0);
    await patiently(
      request,
      `${JSON.stringify(wanted)} for ${name}`,
      world,
      () => latin(fresh()).includes(wanted) || connection.ending !== null,
    );
    const seen = await settled(world, () => [told(connection, fresh(), latin(fresh()).includes(wanted) ? null : connection.ending)]);
    world.shown.set(`client ${name}`, connection.bytes.length);
    return seen;
  },

  /** begin NAME COUNT: waits for that many bytes, and shows these. */
  async begin(world, request) {
    const connection = clientOf(world, request);
    const count = Number(request.word(1, 'begin NAME COUNT'));
    await patiently(request, `${count} bytes for ${request.words[0]}`, world, () => connection.bytes.length >= count);
    return [JSON.stringify(latin(connection.bytes.subarray(0, count)))];
  },

  /** read NAME: waits for the end, and shows everything since the last `hear`. */
  async read(world, request) {
    const connection = clientOf(world, request);
    await patiently(request, `the end of ${request.words[0]}`, world, () => connection.ending !== null);
    return [told(connection, connection.bytes.subarray(world.shown.get(`client ${request.words[0]}`) ?? 0), connection.ending)];
  },

  /** ask [TEXT]: connects, sends, says that it has no more to send, and reads to the end. */
  async ask(world, request) {
    const connection = await open(targetOf(world, request));
    if (typeof connection === 'string') return [connection];
    connection.end(bytes(request.words[0] ?? ''));
    await patiently(request, 'the end', world, () => connection.ending !== null);
    connection.close();
    return [told(connection, connection.bytes, connection.ending)];
  },

  /** weigh [TEXT]: asks, and shows how many bytes came. */
  async weigh(world, request) {
    const connection = await open(targetOf(world, request));
    if (typeof connection === 'string') return [connection];
    connection.end(bytes(request.words[0] ?? ''));
    await patiently(request, 'the end', world, () => connection.ending !== null);
    connection.close();
    return [`${connection.bytes.length} bytes, ${connection.ending}`];
  },

  /** knock: connects, says nothing, and leaves after the first words or the end. */
  async knock(world, request) {
    const connection = await open(targetOf(world, request));
    if (typeof connection === 'string') return [connection];
    await patiently(request, 'an answer', world, () => connection.bytes.length > 0 || connection.ending !== null);
    const look = () => [told(connection, connection.bytes, connection.bytes.length > 0 ? null : connection.ending)];
    const seen = await settled(world, look);
    connection.close();
    return seen;
  },

  /** probe $A $B…: knocks at one port after the other. */
  async probe(world, request) {
    const lines: string[] = [];
    for (const port of request.words) {
      const connection = await open({ ...targetOf(world, request), port: world.port(port) });
      if (typeof connection === 'string') lines.push(`${port} ${connection}`);
      else {
        await patiently(request, `an answer of ${port}`, world, () => connection.bytes.length > 0 || connection.ending !== null);
        connection.close();
        lines.push(`${port} ${told(connection, connection.bytes, connection.bytes.length > 0 ? null : connection.ending)}`);
      }
    }
    return lines;
  },

  /** burst COUNT: that many at the same time; how many got which answer. */
  async burst(world, request) {
    const target = targetOf(world, request);
    const opened = await Promise.all(Array.from({ length: Number(request.word(0, 'burst COUNT')) }, () => open(target)));
    const count = new Map<string, number>();
    for (const one of opened) {
      if (typeof one !== 'string') {
        await patiently(request, 'every answer', world, () => one.ending !== null);
        one.close();
      }
      const answer = world.mask(typeof one === 'string' ? one : told(one, one.bytes, one.ending));
      count.set(answer, (count.get(answer) ?? 0) + 1);
    }
    return [...count].map(([answer, times]) => `${times} × ${answer}`).sort();
  },

  /** datagram NAME TEXT: from a socket of that name, which the first one opens; `from ADDRESS:PORT` is possible. */
  async datagram(world, request) {
    const name = request.word(0, 'datagram NAME TEXT');
    const { port, host, from } = targetOf(world, request);
    const [address, ownPort] = from?.split(':') ?? [host === '::1' ? '::1' : undefined];
    const client = world.datagramClients.get(name) ?? (await DatagramClient.open(address, Number(ownPort ?? 0)));
    world.datagramClients.set(name, client);
    await client.send(request.word(1, 'datagram NAME TEXT'), port!, host);
    return [];
  },

  /** datagrams NAME COUNT TEXT: that many at once, numbered. */
  async datagrams(world, request) {
    const [name = '', count = '', text = ''] = request.words;
    const { port, host, from } = targetOf(world, request);
    const client = world.datagramClients.get(name) ?? (await DatagramClient.open(from));
    world.datagramClients.set(name, client);
    await Promise.all(Array.from({ length: Number(count) }, (_, i) => client.send(`${text}${i + 1}`, port!, host)));
    return [];
  },

  /** receive NAME [COUNT]: waits for that many datagrams more. */
  async receive(world, request) {
    const name = request.word(0, 'receive NAME [COUNT]');
    const client = world.datagramClients.get(name)!;
    const before = world.shown.get(`datagrams ${name}`) ?? 0;
    const count = before + Number(request.words[1] ?? 1);
    await patiently(request, `datagrams for ${name}`, world, () => client.received.length >= count);
    world.shown.set(`datagrams ${name}`, client.received.length);
    return client.received.slice(before).map(({ text }) => JSON.stringify(text));
  },

  /** answerer NAME: which address the last datagram came from. */
  answerer(world, request) {
    return [world.datagramClients.get(request.word(0, 'answerer NAME'))!.received.at(-1)!.from.address];
  },

  /** received NAME: what has come so far, without waiting. */
  received(world, request) {
    const name = request.word(0, 'received NAME');
    const fresh = world.datagramClients.get(name)!.received.slice(world.shown.get(`datagrams ${name}`) ?? 0);
    return fresh.length === 0 ? ['nothing'] : fresh.map(({ text }) => JSON.stringify(text));
  },
};

function targetOf(world: World, { options }: Request): Target {
  const from = options.get('from');
  return { port: world.port(options.get('to') ?? 'A'), host: options.get('via') ?? '127.0.0.1', ...(from === undefined ? {} : { from }) };
}

function clientOf(world: World, request: Request): Connection {
  const client = world.clients.get(request.word(0, 'the name of a client'));
  if (client === undefined) throw new Error(`no client ${request.words[0]} is connected`);
  return client;
}

/** The connection, or `refused` without a listener; closing a listener resets the clients in its queue. */
async function open(target: Target): Promise<Connection | 'refused' | '"", reset'> {
  try {
    return await Connection.open(target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED') return 'refused';
    if (code === 'ECONNRESET') return '"", reset';
    throw error;
  }
}

/**
 * Whether a close comes as FIN or RST hangs on whether the other side had read what was sent: chance, where it did not mean to.
 */
function told(connection: Connection, data: Buffer, ending: Ending | null): string {
  const text = JSON.stringify(latin(data));
  if (ending === null) return text;
  return `${text}, ${data.length === 0 && connection.socket.bytesWritten > 0 ? 'closed' : ending}`;
}

/** UTF-8 where it is, so that text is read as such; bytes as escapes where it is not. */
function latin(data: Buffer): string {
  const text = data.toString('utf8');
  return text.includes('\ufffd') ? data.toString('latin1') : text;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}
