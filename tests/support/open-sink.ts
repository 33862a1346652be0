import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { Event } from '../../src/report/event.js';
import { FileSink, GATHER_MS } from '../../src/report/log/file-sink.js';
import { createSerially } from '../../src/report/log/generations.js';
import { type FileLimits, unlimited } from '../../src/report/log/log-file.js';

export interface OpenSink {
  readonly sink: FileSink;
  readonly events: readonly Event[];
  readonly failures: () => { problem: string; linesLost: number }[];
}

const openSinks = new Set<FileSink>();

/** Opens a file sink that closes with the test, and collects its events. */
export function openSink(path: string, limits: Partial<FileLimits> = {}): OpenSink {
  const events: Event[] = [];
  const sink = new FileSink({
    path,
    limits: { ...unlimited, ...limits },
    lossLine: (loss) => `${loss.lines} lines lost: ${loss.problem}\n`,
    report: (event) => events.push(event),
    serially: createSerially(),
  });
  openSinks.add(sink);
  onTestFinished(() => {
    openSinks.delete(sink);
    sink.close();
  });
  sink.settle();
  const failures = () =>
    events.flatMap((event) => (event.type === 'log-health' ? [{ problem: event.problem, linesLost: event.linesLost }] : []));
  return { sink, events, failures };
}

/** Waits for longer than a sink gathers lines, and for what it has begun by itself: everything written before is in the file then. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(() => setImmediate(() => setImmediate(resolve)), GATHER_MS + 1));
  for (const sink of openSinks) sink.settle();
}

export function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The size of a log with its generations and every other file whose name begins with its name. */
export function totalSize(path: string): number {
  return family(path).reduce((bytes, name) => bytes + (statSync(name, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** The lines of a log with its generations, oldest first. */
export function allLines(path: string): string[] {
  const number = (name: string) => Number(/\.(\d+)(\.gz)?$/.exec(name)?.[1] ?? 0);
  return family(path)
    .filter((name) => !name.endsWith('.tmp'))
    .sort((a, b) => number(b) - number(a))
    .flatMap((name) => (name.endsWith('.gz') ? gunzipSync(readFileSync(name)) : readFileSync(name)).toString().split('\n').slice(0, -1));
}

export function family(path: string): string[] {
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(basename(path)))
    .map((name) => join(dirname(path), name));
}
