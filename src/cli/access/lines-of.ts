/** The lines of a stream as text (UTF-8), without their newlines; a last line needs none. Only `\n` ends a line. */
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
