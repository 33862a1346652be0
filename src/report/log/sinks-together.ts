import { monotonicMs } from '../../clock.js';
import type { LineSink } from './line-sink.js';

/** How long superd waits for all sinks together. */
export const PATIENCE_MS = 500;

/** Writes the buffered lines of all sinks at once: a file system that does not answer delays no other sink. */
export function flushTogether(sinks: readonly LineSink[], until = monotonicMs() + PATIENCE_MS): void {
  together(sinks, until, (sink) => sink.flush(0));
}

/** Flushes all sinks, and reopens those whose path refers to another file now. */
export function reopenTogether(sinks: readonly LineSink[]): void {
  flushTogether(sinks);
  together(sinks, monotonicMs() + PATIENCE_MS, (sink) => sink.reopen(0));
}

/** Flushes all sinks, and closes them. */
export function closeTogether(sinks: readonly LineSink[], until = monotonicMs() + PATIENCE_MS): void {
  flushTogether(sinks, until);
  for (const sink of sinks) sink.close(0);
}

function together(sinks: readonly LineSink[], until: number, begin: (sink: LineSink) => void): void {
  for (const sink of sinks) begin(sink);
  for (const sink of sinks) sink.settle(until);
}
