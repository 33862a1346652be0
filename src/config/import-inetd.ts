import { type Diagnostic, Findings } from './diagnostic.js';
import { parseInetdConf } from './dialects/inetd-conf.js';
import type { Block } from './entries.js';
import { formatEntries } from './format.js';
import { lexLines, trimBlanks } from './lex.js';
import { parse } from './parse.js';
import { readBlock } from './settings.js';

export interface Imported {
  /** Configuration text in the order of the lines: a block for each service, comments unchanged. */
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  /** The number of lines that could not be converted; each becomes a comment in the text. */
  readonly lost: number;
}

/** The mark with which Debian's update-inetd(8) disables a line. */
const OFF = /^#\s*<off>#\s*/;

/**
 * Converts an inetd.conf(5) to configuration in xinetd's grammar. Each line becomes a block, a comment or an error: none is dropped.
 *
 * @param name The name of the file, for messages.
 * @example importInetd('8080 stream tcp nowait nobody /bin/date date\n', 'f').text // 'service 8080\n{\n\tsocket_type = stream\n…'
 */
export function importInetd(text: string, name: string): Imported {
  const { lines } = lexLines(text);
  const disabled = new Set(lines.filter((line) => OFF.test(line.text)).map(({ number }) => number));
  const { blocks, findings } = parseInetdConf(lines.map((line) => line.text.replace(OFF, '')).join('\n'), name);
  const byLine = new Map(blocks.map((block) => [block.origin.line, block]));
  const said = findings.flatMap(({ diagnostics }) => diagnostics);
  const wrong = new Set(said.filter(({ severity }) => severity === 'error').map(({ line }) => line));
  const diagnostics = [...said];
  const pieces: string[] = [];
  let lost = 0;
  const lose = (line: string) => {
    lost++;
    pieces.push(`# not converted: ${line}\n`);
  };
  for (const { number, text: line } of lines) {
    const plain = trimBlanks(line);
    const block = byLine.get(number);
    if (wrong.has(number)) lose(plain);
    else if (block !== undefined) {
      const written = writeBlock(block, disabled.has(number));
      diagnostics.push(...written.findings.diagnostics.filter(({ severity }) => severity === 'error'));
      if (written.findings.failed) lose(plain);
      else pieces.push(written.text);
    } else if (plain === '' || plain.startsWith('#')) pieces.push(`${plain}\n`);
    // Any other line continues the line before and is in its block.
  }
  return { text: pieces.join(''), diagnostics: diagnostics.sort((a, b) => a.line - b.line), lost };
}

/** Writes a block, provided that the text parses to the same block and each of its values is valid. */
function writeBlock(block: Block, isOff: boolean): { text: string; findings: Findings } {
  const off = { name: 'disable', operator: '=', value: 'yes', origin: block.origin } as const;
  const whole: Block = isOff ? { ...block, assignments: [off, ...block.assignments] } : block;
  const text = formatEntries([whole]);
  const findings = new Findings();
  readBlock(whole, {}, findings);
  const [read, ...others] = parse(text, block.origin.path).entries;
  const same = others.length === 0 && read?.kind === 'service' && read.name === block.name && formatEntries([read]) === text;
  if (!same)
    findings
      .at(block.origin)
      .error('bad-value', `cannot write the service ${block.name} as a block: its name or a value has another meaning there`);
  return { text, findings };
}
