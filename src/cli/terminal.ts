import { styleText } from 'node:util';
import { ownSequence } from './printer.js';

/** The width and colours of output for people. */
export interface OutputStyle {
  /** Columns; Infinity in a pipe, where nothing is cut. */
  readonly width: number;
  readonly color: boolean;
}

export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Colour only on a terminal, and never with NO_COLOR; https://no-color.org */
export function outputStyleOf(screen: Screen, environment: Readonly<Partial<Record<string, string>>>): OutputStyle {
  if (screen.isTTY !== true) return { width: Number.POSITIVE_INFINITY, color: false };
  return {
    width: screen.columns === undefined || screen.columns === 0 ? 80 : screen.columns,
    color: !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
  };
}

export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'plain';

const COLORS = { good: 'green', bad: 'red', busy: 'yellow', quiet: 'gray' } as const;

export function paint(text: string, tone: Tone, { color }: OutputStyle): string {
  return color && tone !== 'plain' ? markedStyle(COLORS[tone], text) : text;
}

type Look = Parameters<typeof styleText>[0];

/** styleText of node:util, with its sequences marked for the printer. */
export function markedStyle(look: Look, text: string): string {
  const [begin = '', end = ''] = styleText(look, ' ', { validateStream: false }).split(' ');
  return `${ownSequence(begin)}${text}${ownSequence(end)}`;
}
