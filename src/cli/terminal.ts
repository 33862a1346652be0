import { styleText } from 'node:util';

/** How output for people may look. */
export interface Look {
  /** Columns; Infinity in a pipe, where nothing is cut. */
  readonly width: number;
  readonly color: boolean;
}

export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Colour only on a terminal and never against NO_COLOR; https://no-color.org */
export function lookOf(screen: Screen, environment: Readonly<Partial<Record<string, string>>>): Look {
  if (screen.isTTY !== true) return { width: Number.POSITIVE_INFINITY, color: false };
  return {
    width: screen.columns === undefined || screen.columns === 0 ? 80 : screen.columns,
    color: !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
  };
}

export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'plain';

const STYLES = { good: 'green', bad: 'red', busy: 'yellow', quiet: 'gray' } as const;

export function paint(text: string, tone: Tone, { color }: Look): string {
  return color && tone !== 'plain' ? styleText(STYLES[tone], text, { validateStream: false }) : text;
}
