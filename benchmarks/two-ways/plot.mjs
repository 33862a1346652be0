const WIDTH = 760;
const BAR = 22;
const LEFT = 150;
const COLORS = { boot: '#2f6f4f', request: '#c2703d' };

const PANELS = [
  { title: 'Median latency, one client (µs)', value: (row) => row.p50us1 },
  { title: 'Requests per second, 64 clients', value: (row) => row.perSecond64 },
  { title: 'Memory of the server without clients (MiB)', value: (row) => row.restServers, digits: 1 },
];

/**
 * Bars for each server and way, a panel for each question.
 *
 * @returns the text of an SVG picture that reads on light and dark pages
 */
export function plot(rows) {
  const height = PANELS.length * (rows.length * (BAR + 6) + 52) + 10;
  let y = 24;
  const parts = [];
  for (const { title, value, digits = 0 } of PANELS) {
    parts.push(`<text x="10" y="${y}" font-weight="bold">${title}</text>`);
    y += 12;
    const most = Math.max(...rows.map(value), 1e-9);
    for (const row of rows) {
      const length = Math.max(1, (value(row) / most) * (WIDTH - LEFT - 110));
      const middle = y + BAR / 2 + 5;
      parts.push(
        `<text x="10" y="${middle}">${row.kind}, ${row.way}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${COLORS[row.way]}"/>`,
        `<text x="${(LEFT + length + 8).toFixed(1)}" y="${middle}">${value(row).toLocaleString('en', { maximumFractionDigits: digits })}</text>`,
      );
      y += BAR + 6;
    }
    y += 40;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="14">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<g fill="#222222">
${parts.join('\n')}
</g>
</svg>
`;
}
