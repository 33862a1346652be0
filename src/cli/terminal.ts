import { styleText } from 'node:util';

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
  return color && tone !== 'plain' ? styleText(COLORS[tone], text, { validateStream: false }) : text;
}

/** Foreign text without the characters that a terminal would obey. @example withoutControls('a\x1b[2J') // 'a?[2J' */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
