import type { IncomingMessage } from 'node:http';
import { describeErrno } from '../errors.js';
import type { Params, Result, StreamItem, StreamName, StreamParams, VerbName } from './protocol.js';
import { API, type Failure } from './shared-schemas.js';

/** superd answered with an error. `code` is for programs, the message for people. */
export class ErrorReply extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** No superd answers at the socket. */
export class NoAnswer extends Error {
  readonly code = 'no-answer';
  readonly exitCode = 111;
}

/** A client of the control socket of one superd. */
export class ControlClient {
  constructor(readonly socket: string) {}

  /**
   * Calls a verb and waits for its result, without a time limit.
   *
   * @throws ErrorReply, NoAnswer.
   * @example await client.call('stop', { services: ['echo'] })
   */
  async call<N extends VerbName>(verb: N, params: Params<N>, signal?: AbortSignal): Promise<Result<N>> {
    const response = await this.request(verb, params, signal);
    return JSON.parse(await textOf(response)) as Result<N>;
  }

  /** Yields the items of a stream until superd ends it or the reader stops. */
  async *stream<N extends StreamName>(verb: N, params: StreamParams<N>, signal?: AbortSignal): AsyncGenerator<StreamItem<N>> {
    const response = await this.request(verb, params, signal);
    if (!String(response.headers['content-type']).startsWith('text/event-stream')) {
      yield* (JSON.parse(await textOf(response)) as { items: StreamItem<N>[] }).items;
      return;
    }
    try {
      for await (const event of eventsOf(response)) if (event.kind === 'message') yield JSON.parse(event.data) as StreamItem<N>;
    } finally {
      response.destroy();
    }
  }

  private async request(verb: string, params: unknown, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const { request } = await import('node:http');
    const body = JSON.stringify(params);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.socket,
          path: `${API}/${verb}`,
          method: 'POST',
          agent: false,
          headers: { host: 'superd', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          ...(signal === undefined ? {} : { signal }),
        },
        resolve,
      );
      sent.on('error', (error) => reject(this.describeError(error)));
      sent.end(body);
    });
    if (response.statusCode === 200) return response;
    throw errorReply(await textOf(response), response.statusCode ?? 0);
  }

  private describeError(error: NodeJS.ErrnoException): Error {
    if (error.name === 'AbortError') return error;
    const why = error.errno === undefined ? error.message : describeErrno(-error.errno)[1];
    const hint =
      error.code === 'EACCES' ? '; only root and the users in control_admin and control_read may connect' : '; is superd running?';
    return new NoAnswer(`no superd answers at ${this.socket}: ${why}${hint}`, { cause: error });
  }
}

function errorReply(text: string, status: number): ErrorReply {
  try {
    const { error } = JSON.parse(text) as Failure;
    return new ErrorReply(error.code, error.message, error.exitCode);
  } catch {
    return new ErrorReply('internal', `this is not an answer of superd (HTTP ${status})`, 101);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

interface ServerSentEvent {
  readonly kind: string;
  readonly data: string;
}

/** Parses server-sent events as superd writes them, with one line of data each. */
async function* eventsOf(response: AsyncIterable<Buffer>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() as string;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield { kind: /^event: (.*)$/m.exec(block)?.[1] ?? 'message', data };
    }
  }
}
