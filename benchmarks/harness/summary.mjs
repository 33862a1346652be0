/** Middle value; mean of the two middle ones when there is an even number. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });

/**
 * Sums the samples of a case up: for each point and peer every metric's median, least and most, and the ratio
 * superd ÷ peer taken round by round, so that what slows the machine for a while slows both sides of it.
 *
 * @param samples `{round, point, peer, values}` each.
 * @returns rows `{point, peer, rounds, metrics: {name: {median, min, max, ratio}}, generatorCpu}` in the order of the samples
 */
export function summarise(samples, metricNames) {
  const rows = new Map();
  for (const sample of samples) {
    const key = `${sample.point}\n${sample.peer}`;
    rows.set(key, [...(rows.get(key) ?? []), sample]);
  }
  const superdIn = (round, point) => samples.find((s) => s.peer === 'superd' && s.round === round && s.point === point);
  return [...rows.values()].map((own) => {
    const { point, peer } = own[0];
    const metrics = {};
    for (const name of metricNames) {
      const values = own.map((s) => s.values[name]).filter((value) => value !== undefined);
      if (values.length === 0) continue;
      const ratios = own.map((s) => superdIn(s.round, point)?.values[name] / s.values[name]).filter((ratio) => Number.isFinite(ratio));
      metrics[name] = { ...spread(values), ratio: peer === 'superd' || ratios.length === 0 ? null : median(ratios) };
    }
    const cpu = own.map((s) => s.values.generatorCpu).filter((value) => value !== undefined);
    return { point, peer, rounds: own.length, metrics, generatorCpu: cpu.length ? median(cpu) : null };
  });
}
