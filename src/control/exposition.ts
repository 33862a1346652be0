import { monotonicMs } from '../clock.js';
import { exposition as expositionOf } from '../report/metrics/exposition.js';
import type { ControlContext } from './control-context.js';
import { metricsSamples } from './metrics-samples.js';

/** However many ask, what they are told is made anew once in so long. */
const FRESH_MS = 250;

/** What Prometheus reads, a piece for each metric. */
export function exposition(daemon: ControlContext): readonly string[] {
  const { metrics } = daemon;
  const at = monotonicMs();
  if (metrics.lastExposition !== null && at - metrics.lastExposition.at < FRESH_MS) return metrics.lastExposition.pieces;
  const pieces = [...expositionOf(metricsSamples(daemon))];
  metrics.lastExposition = { at, pieces };
  return pieces;
}
