import { toText } from '../bytes.js';
import { type HostPattern, parseHostPattern } from '../pattern.js';
import { patternWords } from '../pattern-file.js';
import type { RuleDiagnostic } from '../rule.js';
import { lintHost } from './lint-host.js';

/** A file of host patterns that rules name. */
export interface PatternFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** A host pattern in such a file, and its line. */
export interface PatternFileHost {
  readonly line: number;
  readonly host: HostPattern;
}

/** The host patterns of a file, in their order. */
export function* patternFileHosts({ content }: PatternFile): Generator<PatternFileHost> {
  for (const { word, line } of patternWords(content)) yield { line, host: parseHostPattern(word) };
}

/** Reports every word of a file of host patterns that is doubtful or matches no client, with its line. */
export function lintPatternFile({ path, content }: PatternFile): RuleDiagnostic[] {
  const found: RuleDiagnostic[] = [];
  for (const { word, line } of patternWords(content)) {
    lintHost(parseHostPattern(word), word, (severity, code, message) =>
      found.push({ severity, code, path, line, message: toText(message) }),
    );
  }
  return found;
}
