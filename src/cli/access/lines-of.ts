/** The lines of a UTF-8 stream, without their newlines. Only `\n` ends a line; the last one needs none. */
export async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of stream) {
    pending += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = pending.split('\n');
    pending = lines.pop() as string;
    yield* lines;
  }
  if (pending !== '') yield pending;
}
