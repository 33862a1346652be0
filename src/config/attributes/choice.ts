import { type AttributeSpec, attribute } from './attribute.js';
import { absolutePath, formatYesNo, oneOf, yesNo } from './values.js';

type Particulars<V, I> = Omit<AttributeSpec<V>, 'count' | 'text' | 'usage' | 'parse' | 'format' | 'initial'> & { readonly initial: I };
type Spec<V, I> = AttributeSpec<V> & { readonly initial: I };

/**
 * An attribute that is one word of a fixed set.
 *
 * @param what The kind of word, for messages: `unknown scope "x"`.
 */
export function choice<const T extends string, const I extends T | null>(
  words: readonly T[],
  what: string,
  particulars: Particulars<T, I>,
): Spec<T, I> {
  const spec = attribute<T>({
    usage: words.join(' | '),
    parse: ([word = ''], report) => oneOf(word, words, what, report),
    format: (word) => word,
    ...particulars,
  });
  return { ...spec, initial: particulars.initial };
}

/** An attribute that is yes or no. */
export function yesOrNo<I extends boolean | null>(particulars: Particulars<boolean, I>): Spec<boolean, I> {
  const spec = attribute<boolean>({ usage: 'yes | no', parse: yesNo, format: formatYesNo, ...particulars });
  return { ...spec, initial: particulars.initial };
}

/**
 * An attribute that is one absolute path.
 *
 * @param what The kind of file, for messages: `"x" is not a pidfile`.
 */
export function pathTo<I extends string | null>(what: string, particulars: Particulars<string, I>): Spec<string, I> {
  const spec = attribute<string>({
    usage: 'PATH',
    parse: ([word = ''], report) => absolutePath(word, what, report),
    format: (path) => path,
    ...particulars,
  });
  return { ...spec, initial: particulars.initial };
}
