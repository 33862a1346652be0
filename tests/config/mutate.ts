/** A new text from those that reached new code: with lines and words cut, doubled, moved or swapped, and characters damaged. */
export function generate(pool: readonly string[], random: () => number): string {
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T;
  let text = pick(pool);
  for (let i = 1 + below(4); i > 0; i--) text = pick(CHANGES)(text, pick(pool), below);
  return text.slice(0, 2000);
}

type Change = (text: string, other: string, below: (n: number) => number) => string;

const lines = (text: string) => text.split('\n');
const spliced = (parts: readonly string[], at: number, count: number, ...more: readonly string[]) => [
  ...parts.slice(0, at),
  ...more,
  ...parts.slice(at + count),
];
const SIGNS = [
  '{',
  '}',
  '=',
  '+=',
  '-=',
  '#',
  '//',
  '"',
  "'",
  '\\',
  ',',
  '\r',
  '\u00a0',
  '\u0000',
  '\ufeff',
  '/',
  ':',
  '-',
  '.',
  '99999999999',
  ' ',
];

const CHANGES: readonly Change[] = [
  (text, _, below) => spliced(lines(text), below(lines(text).length), 1).join('\n'),
  (text, other, below) => spliced(lines(text), below(lines(text).length), 0, lines(other)[below(lines(other).length)] ?? '').join('\n'),
  (text, other, below) => spliced(lines(text), below(lines(text).length), 1, lines(other)[below(lines(other).length)] ?? '').join('\n'),
  (text, other, below) => `${text.slice(0, below(text.length))}${other.slice(below(other.length))}`,
  (text, other, below) => {
    const [words, more] = [text.split(/(\s+)/), other.split(/\s+/)];
    return spliced(words, below(words.length), 1, more[below(more.length)] ?? '').join('');
  },
  (text, _, below) => spliced([...text], below(text.length), below(3), SIGNS[below(SIGNS.length)] ?? '').join(''),
  (text, _, below) => spliced([...text], below(text.length), 1 + below(4)).join(''),
  (text, _, below) => spliced([...text], below(text.length), 1, String.fromCharCode(below(256))).join(''),
];
