const names = { superd: '**superd**', xinetd: 'xinetd, stock `cps`', systemd: 'systemd-socket-activate' };

const number = (value, digits = 0) => value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const ms = (value) => `${number(value, value < 1000 ? 1 : 0)} ms`;
const percent = (good) => `${number((100 * good.served) / good.asked, 2)} %`;

/** Rows for a terminal, heading first. */
export function plainAttackTable(measured, seconds) {
  const heading = ['attack', 'program', 'good served', 'p50', 'p99', 'attack', 'attacker got', 'memory'];
  const rows = [heading, ...measured.map((one) => plainRow(one, seconds))];
  const widths = heading.map((_, i) => Math.max(...rows.map((cells) => cells[i].length)));
  return rows.map((cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`).join('\n');
}

export function plainRow({ attack, peer, good, attacked, memory }, seconds) {
  const rate = attacked === null ? '' : `${number(attacked.asked / seconds)}/s`;
  const got = attacked === null ? '' : String(attacked.served);
  return [attack, peer, percent(good), ms(good.p50), ms(good.p99), rate, got, `${number(memory, 1)} MiB`];
}

/** The table in Markdown. Where most clients are not served, it leaves the percentiles of the few others out. */
export function markdownAttackTable(measured, seconds) {
  const heading = '| attack, 20 good clients meanwhile | program | good clients served | their p99 | attack | the attacker got | memory |';
  const rows = measured.map(({ attack, peer, good, attacked, memory }, index) => {
    const label = measured[index - 1]?.attack === attack ? '' : attack;
    const p99 = good.served * 2 < good.asked ? '–' : ms(good.p99);
    const [rate, got] = attacked === null ? ['', ''] : [`${number(attacked.asked / seconds)}/s`, number(attacked.served)];
    return `| ${[label, names[peer], percent(good), p99, rate, got, `${number(memory, 1)} MiB`].join(' | ')} |`;
  });
  return [heading, '|---|---|--:|--:|--:|--:|--:|', ...rows].join('\n');
}
