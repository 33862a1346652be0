import { formatAge } from '../../duration.js';
import { bytes, counted } from '../render/units.js';
import { type OutputStyle, paint, type Tone } from '../terminal.js';
import { type History, percent, quantile, rate, type Span, spanOf, sumOf } from './figures.js';

/** A piece of a line. */
export interface TextPiece {
  readonly text: string;
  readonly tone?: Tone;
}

/** The figures of all of superd. */
export function headLines(history: History, style: OutputStyle): string[] {
  const span = spanOf(history);
  return [superdLine(span), machineLine(history, span), rateLine(span), refusalLine(span)].map((line) => lineOf(line, style)).concat('');
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

function machineLine(history: History, span: Span): TextPiece[] {
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
    ['a second: accepted', perSecond(rate(now.accepted, before.accepted, span))],
    ['started', perSecond(rate(started(now), started(before), span))],
    ['refused', perSecond(rate(sumOf(now.refusals), sumOf(before.refusals), span))],
  );
}

/** The most frequent first. */
function refusalLine(span: Span): TextPiece[] {
  const reasons = Object.entries(span.now.refusals).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return labelled(['refused:', 'nobody']);
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

function perSecond(value: number | null): string {
  return value === null ? '-' : value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/** Pieces as one line that fits. */
export function lineOf(segments: readonly TextPiece[], style: OutputStyle): string {
  let room = style.width;
  let line = '';
  for (const { text, tone = 'plain' } of segments) {
    const letters = [...text];
    const cut = letters.length <= room ? text : `${letters.slice(0, Math.max(0, room - 1)).join('')}${room > 0 ? '…' : ''}`;
    line += cut === '' ? '' : paint(cut, tone, style);
    room -= letters.length;
    if (room <= 0) break;
  }
  return line;
}

/** A line with colours in it, so far as it fits. */
export function cutPainted(line: string, { width }: OutputStyle): string {
  let room = width;
  const parts = line.match(/\x1b\[[0-9;]*m|[\s\S]/gu) ?? [];
  return parts.filter((part) => part.startsWith('\x1b') || room-- > 0).join('');
}

/** Exactly so many lines. */
export function fillTo(count: number, lines: readonly string[]): string[] {
  return Array.from({ length: count }, (_, i) => lines[i] ?? '');
}
