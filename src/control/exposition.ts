import { monotonicMs } from '../clock.js';
import { exposition as expositionOf } from '../report/metrics/exposition.js';
import type { ControlContext } from './control-context.js';
import { metricsSamples } from './metrics-samples.js';

/** Many scrapers cost no more than one: superd renders the metrics at most once in this time. */
const MAX_AGE_MS = 250;

/** The text that Prometheus reads, one piece for each metric. */
export function exposition(daemon: ControlContext): readonly string[] {
  const { metrics } = daemon;
  const at = monotonicMs();
  if (metrics.lastExposition !== null && at - metrics.lastExposition.at < MAX_AGE_MS) return metrics.lastExposition.pieces;
  const pieces = [...expositionOf(metricsSamples(daemon))];
  metrics.lastExposition = { at, pieces };
  return pieces;
}
