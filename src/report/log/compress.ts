import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * Writes the gzip form (RFC 1952) of a file beside it, with its owner and mode, a piece at a time.
 *
 * @param to Must not exist.
 * @param source What `from` was found to be.
 * @param most Bytes that the result may have.
 * @throws when it gets larger, or cannot be read or written; `to` may then be there in part.
 */
export async function compressFile(from: string, to: string, source: Stats, most: number): Promise<void> {
  const input = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  let output: FileHandle | null = null;
  try {
    output = await open(to, 'wx', 0o600);
    // Only root may give files away; for others it stays theirs.
    await output.chown(source.uid, source.gid).catch(() => {});
    await output.chmod(source.mode & 0o777);
    await pipeline(input.createReadStream({ autoClose: false }), createGzip(), writeUpTo(most, output));
    // The original goes next: what replaces it must have reached the disk.
    await output.sync();
  } finally {
    await output?.close();
    await input.close();
  }
}

function writeUpTo(most: number, output: FileHandle): (chunks: AsyncIterable<Buffer>) => Promise<void> {
  return async (chunks) => {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > most) throw new Error(`does not compress to ${most} bytes`);
      await output.writeFile(chunk);
    }
  };
}
