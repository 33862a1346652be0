const NAMES: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'ctrl-c',
  '\x0c': 'ctrl-l',
  '\x1a': 'ctrl-z',
  '\x1b': 'escape',
};

/** Keys by what follows ESC [ or ESC O. */
const SEQUENCES: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '4~': 'end',
  '5~': 'page-up',
  '6~': 'page-down',
};

/** A control sequence (ECMA-48), one character after SS3 (ESC O), or one character. */
const KEY = /\x1b(?:\[([0-?]*[ -/]*[@-~])|O(.))|[\s\S]/gu;

/**
 * The keys in the input of a terminal: names for special keys, the character for any other. Leaves out sequences that top does not use.
 *
 * @example keysOf('q\x1b[A') // ['q', 'up']
 */
export function keysOf(text: string): string[] {
  return [...text.matchAll(KEY)].flatMap(([key, sequence, shifted]) => {
    const special = sequence ?? shifted;
    if (special !== undefined) return SEQUENCES[special] ?? [];
    return NAMES[key] ?? (/[\p{Cc}]/u.test(key) ? [] : key);
  });
}
