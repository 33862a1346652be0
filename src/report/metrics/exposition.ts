import type { Histogram } from './histogram.js';
import { type MetricFamily, type MetricName, metricFamilies } from './table.js';

/** One value, with its label values in the order of the family. */
export interface Sample {
  readonly labels: readonly string[];
  readonly value: number | Histogram;
}

/** The values of every family. */
export type Samples = Readonly<Record<MetricName, Iterable<Sample>>>;

/** https://prometheus.io/docs/instrumenting/exposition_formats */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Renders Prometheus' text format, one piece for each family. */
export function* exposition(samples: Samples): Generator<string> {
  for (const [name, family] of Object.entries(metricFamilies) as [MetricName, MetricFamily][]) {
    let text = `# HELP ${name} ${family.help}.\n# TYPE ${name} ${family.type}\n`;
    for (const { labels, value } of samples[name]) {
      const pairs = family.labels.map((label, i) => `${label}="${escapeLabel(labels[i] ?? '')}"`);
      text += typeof value === 'number' ? line(name, pairs, value) : histogramLines(name, pairs, value);
    }
    yield text;
  }
}

function histogramLines(name: string, pairs: readonly string[], { bounds, counts, sum, count }: Histogram): string {
  let text = '';
  let below = 0;
  for (const [i, bound] of bounds.entries()) {
    below += counts[i] as number;
    text += line(`${name}_bucket`, [...pairs, `le="${bound}"`], below);
  }
  return `${text}${line(`${name}_bucket`, [...pairs, 'le="+Inf"'], count)}${line(`${name}_sum`, pairs, sum)}${line(`${name}_count`, pairs, count)}`;
}

function line(name: string, pairs: readonly string[], value: number): string {
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

function escapeLabel(text: string): string {
  return text.replace(/[\\\n"]/g, (one) => ESCAPES[one] as string);
}
