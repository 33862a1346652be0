import { monotonicMs } from '../../clock.js';
import type { LineSink } from './line-sink.js';

/** How long superd waits for all sinks together. */
const PATIENCE_MS = 500;

/** Writes the buffered lines of all sinks at once: a file system that does not answer delays no other sink. */
export function flushTogether(sinks: readonly LineSink[]): void {
  together(sinks, (sink) => sink.flush(0));
}

/** Flushes all sinks, and reopens those whose path refers to another file now. */
export function reopenTogether(sinks: readonly LineSink[]): void {
  flushTogether(sinks);
  together(sinks, (sink) => sink.reopen(0));
}

/** Flushes all sinks, and closes them. */
export function closeTogether(sinks: readonly LineSink[]): void {
  flushTogether(sinks);
  for (const sink of sinks) sink.close(0);
}

function together(sinks: readonly LineSink[], begin: (sink: LineSink) => void): void {
  const until = monotonicMs() + PATIENCE_MS;
  for (const sink of sinks) begin(sink);
  for (const sink of sinks) sink.settle(until);
}
