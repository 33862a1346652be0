const number = (value, digits = 0) => value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** `1,080 (1,020–1,150)`; microseconds from 10,000 on are written as milliseconds. */
function cell(metric, entry) {
  if (!entry) return '–';
  const inMilliseconds = metric.unit === 'µs' && entry.median >= 10_000;
  const write = (value) => (inMilliseconds ? number(value / 1000, 1) : number(value, metric.digits));
  const unit = inMilliseconds ? ' ms' : metric.unit ? ` ${metric.unit}` : '';
  return `${write(entry.median)}${unit} (${write(entry.min)}–${write(entry.max)})`;
}

/** Three digits where two would round to zero. */
const ratioCell = (entry) => (entry?.ratio ? `× ${number(entry.ratio, entry.ratio < 0.1 ? 3 : 2)}` : '');

/** Share of a processor that the load generator's busiest worker used. */
const percent = (share) => (share === null ? '' : `${Math.round(share * 100)} %`);

/** Rows of text, heading first, from a summary. `×` columns are superd ÷ the program of the row. */
function textRows(definition, rows, peerLabel) {
  const metrics = Object.entries(definition.metrics);
  const loaded = rows.some((row) => row.generatorCpu !== null);
  const heading = ['', 'program', ...metrics.flatMap(([, metric]) => [metric.label, 'superd ÷']), ...(loaded ? ['generator'] : [])];
  const body = rows.map((row, index) => [
    rows[index - 1]?.point === row.point ? '' : row.point,
    peerLabel(row.peer),
    ...metrics.flatMap(([name, metric]) => [cell(metric, row.metrics[name]), ratioCell(row.metrics[name])]),
    ...(loaded ? [percent(row.generatorCpu)] : []),
  ]);
  return [heading, ...body];
}

export function plainTable(definition, rows) {
  const text = textRows(definition, rows, (name) => name);
  const widths = text[0].map((_, column) => Math.max(...text.map((row) => row[column].length)));
  return text
    .map((row) =>
      row
        .map((value, column) => value.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdownTable(definition, rows) {
  const text = textRows(definition, rows, (name) => (name === 'superd' ? '**superd**' : name));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = `|${text[0].map((_, column) => (column < 2 ? '---' : '--:')).join('|')}|`;
  return [line(text[0]), rule, ...text.slice(1).map(line)].join('\n');
}
