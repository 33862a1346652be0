import { existsSync } from 'node:fs';

const GZIP = ['/usr/bin/gzip', '/bin/gzip'];

/** Where a machine has no gzip(1). */
const SCRIPT =
  "require('stream').pipeline(process.stdin, require('zlib').createGzip(), process.stdout, (error) => { process.exitCode = error ? 1 : 0 })";

/** Path and arguments of a program that compresses its standard input to its standard output, in the format of RFC 1952. */
export function compressor(): readonly [path: string, ...argv: string[]] {
  const gzip = GZIP.find((path) => existsSync(path));
  return gzip === undefined ? [process.execPath, 'node', '-e', SCRIPT] : [gzip, 'gzip', '-c'];
}
