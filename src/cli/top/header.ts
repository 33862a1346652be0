import { formatAge } from '../../duration.js';
import { oneLine, partsOf } from '../printer.js';
import { bytes, counted } from '../render/units.js';
import { type OutputStyle, paint, type Tone } from '../terminal.js';
import { type History, percent, perSecond, quantile, rate, type Span, spanOf, sumOf } from './figures.js';

/** Part of a line, in one colour. */
export interface TextPiece {
  readonly text: string;
  readonly tone?: Tone;
}

/** The lines above the table: the figures of superd as a whole. */
export function headerLines(history: History, style: OutputStyle): string[] {
  const span = spanOf(history);
  return [superdLine(span), processLine(history, span), rateLine(span), refusalLine(span)].map((line) => lineOf(line, style)).concat('');
}

function superdLine({ now }: Span): TextPiece[] {
  const sessions = now.services.reduce((sum, { unit }) => sum + unit.sessions, 0);
  const down = now.services.filter(({ unit }) => !unit.up).length;
  return [
    { text: `superd ${now.version}`, tone: 'good' },
    { text: `  up ${formatAge(now.now - now.startedAt)}   ${counted(now.services.length, 'service')}` },
    ...(down === 0 ? [] : [{ text: `, ${down} not up`, tone: 'bad' } as const]),
    { text: `   ${counted(sessions, 'session')}` },
    ...(now.bans === 0 ? [] : [{ text: `   ${counted(now.bans, 'ban')}` }]),
  ];
}

function processLine(history: History, span: Span): TextPiece[] {
  const { now } = span;
  const { superd } = now;
  const cpu = percent(superd.cpuMs, span.before.superd.cpuMs, span);
  const first = history.length > 1 ? history[0] : null;
  return labelled(
    ['cpu', cpu === null ? '-' : `${cpu.toFixed(1)}%`],
    ['memory', bytes(superd.residentBytes)],
    ['loop delay p99', quantile(0.99, now.loopDelay, first?.loopDelay ?? null)],
    ['spawn p50', `${quantile(0.5, now.spawns, first?.spawns ?? null)} p99 ${quantile(0.99, now.spawns, first?.spawns ?? null)}`],
  );
}

function rateLine(span: Span): TextPiece[] {
  const { now, before } = span;
  const started = (one: typeof now) => one.services.reduce((sum, { unit }) => sum + unit.started, 0);
  return labelled(
    ['per second: accepted', rateText(rate(now.accepted, before.accepted, span))],
    ['started', rateText(rate(started(now), started(before), span))],
    ['refused', rateText(rate(sumOf(now.refusals), sumOf(before.refusals), span))],
  );
}

/** Refusals by reason, the most frequent first. */
function refusalLine(span: Span): TextPiece[] {
  const reasons = Object.entries(span.now.refusals).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return labelled(['refused:', 'none']);
  return [
    { text: 'refused: ', tone: 'quiet' },
    ...reasons.flatMap(([reason, count], i): TextPiece[] => {
      const each = rate(count, span.before.refusals[reason] ?? 0, span);
      const now = each === null || each === 0 ? '' : ` (${perSecond(each)}/s)`;
      return [
        { text: `${i === 0 ? '' : '   '}${reason} `, tone: 'quiet' },
        { text: `${count}${now}`, tone: now === '' ? 'plain' : 'busy' },
      ];
    }),
  ];
}

function labelled(...pairs: readonly (readonly [label: string, value: string])[]): TextPiece[] {
  return pairs.flatMap(([label, value], i): TextPiece[] => [{ text: `${i === 0 ? '' : '   '}${label} `, tone: 'quiet' }, { text: value }]);
}

const rateText = (value: number | null): string => (value === null ? '-' : perSecond(value));

/** Joins pieces and cuts the line to the width. */
export function lineOf(pieces: readonly TextPiece[], style: OutputStyle): string {
  let room = style.width;
  let line = '';
  for (const { text: foreign, tone = 'plain' } of pieces) {
    const text = oneLine(foreign);
    const letters = [...text];
    const cut = letters.length <= room ? text : `${letters.slice(0, Math.max(0, room - 1)).join('')}${room > 0 ? '…' : ''}`;
    line += cut === '' ? '' : paint(cut, tone, style);
    room -= letters.length;
    if (room <= 0) break;
  }
  return line;
}

/** Cuts a line with escape sequences in it, which take no room, to the width. */
export function cutPainted(line: string, { width }: OutputStyle): string {
  let room = width;
  return partsOf(line)
    .filter(({ kind }) => kind === 'sequence' || room-- > 0)
    .map(({ text }) => text)
    .join('');
}

/** Cuts or fills up to this many lines. */
export function fillTo(count: number, lines: readonly string[]): string[] {
  return Array.from({ length: count }, (_, i) => lines[i] ?? '');
}
