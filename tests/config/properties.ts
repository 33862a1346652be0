import fc from 'fast-check';
import { attributes } from '../../src/config/attributes/table.js';
import { type Diagnostic, diagnosticCodes, Findings } from '../../src/config/diagnostic.js';
import { parseInetdConf } from '../../src/config/dialects/inetd-conf.js';
import { formatEntries } from '../../src/config/format.js';
import { formatArguments, plainBlanks, splitArguments, splitCommas, splitWords } from '../../src/config/lex.js';
import { load } from '../../src/config/load.js';
import { parse } from '../../src/config/parse.js';
import { configuration, inetdConf, pieces } from './arbitrary.js';
import { caseDisk, caseLookUp } from './case-world.js';

function placed(diagnostics: readonly Diagnostic[], path: string, lines: number): void {
  for (const { severity, code, path: where, line, message } of diagnostics) {
    const good =
      ['error', 'warning', 'note'].includes(severity) &&
      diagnosticCodes.includes(code) &&
      where === path &&
      line >= 1 &&
      line <= Math.max(1, lines) &&
      message !== '' &&
      !/[\n\r\u001b\u0000]/.test(message);
    if (!good) throw new Error(`a message without a proper place or text: ${JSON.stringify({ severity, code, where, line, message })}`);
  }
}

const lineCount = (text: string) => text.split('\n').length;

function splitAs(text: 'words' | 'list' | 'arguments', value: string): readonly string[] {
  if (text === 'arguments') return splitArguments(value).words;
  const { words } = splitWords(plainBlanks(value).text);
  return text === 'list' ? splitCommas(words).words : words;
}

function parsesWithPlaces(text: string): void {
  placed(parse(text, 'f').findings.diagnostics, 'f', lineCount(text));
}

function formatIsFixed(text: string): void {
  const once = formatEntries(parse(text, 'f').entries);
  const twice = formatEntries(parse(once, 'f').entries);
  if (twice !== once) throw new Error(`${JSON.stringify(once)} became ${JSON.stringify(twice)}`);
}

function inetdNeverFails(text: string): void {
  for (const findings of parseInetdConf(text, 'f').findings) placed(findings.diagnostics, 'f', lineCount(text));
}

async function loadsWithPlaces(text: string): Promise<void> {
  const { plan, report, diagnostics } = await load({
    path: 'main',
    inetdConf: null,
    lookUp: caseLookUp,
    disk: caseDisk(new Map([['main', text]])),
  });
  placed(diagnostics, 'main', lineCount(text));
  // A service behind tcpmux does not listen, and without tcpmux no plan has it; the type means nothing to a resident daemon.
  const listens = ({ attributes }: { readonly attributes: Readonly<Record<string, string>> }) =>
    attributes['activation'] === 'boot' || !/TCPMUX/.test(attributes['type'] ?? '');
  const accepted = report.services.filter((service) => service.status === 'accepted' && listens(service)).length;
  const planned = plan.services.length + plan.daemons.length;
  if (accepted !== planned) throw new Error(`${accepted} accepted, ${planned} in the plan`);
  if (report.services.some(({ status }) => status === 'rejected') && !diagnostics.some(({ severity }) => severity === 'error'))
    throw new Error('rejected without an error');
}

/** Properties of any text. */
export const claims: readonly ((text: string) => void | Promise<void>)[] = [
  parsesWithPlaces,
  formatIsFixed,
  inetdNeverFails,
  loadsWithPlaces,
];

/** Properties of the whole language, for any text, each for fast-check. */
export const properties = {
  'parse never fails, and every remark has its place': fc.property(configuration, parsesWithPlaces),
  'format after parse is a fixed point': fc.property(configuration, formatIsFixed),

  'arguments survive being written': fc.property(
    fc.array(fc.string({ unit: 'binary' }).map((word) => word.replaceAll('\n', ''))),
    (list) => {
      const read = splitArguments(formatArguments(list)).words;
      if (JSON.stringify(read) !== JSON.stringify(list)) throw new Error(`${JSON.stringify(list)} became ${JSON.stringify(read)}`);
    },
  ),

  'every value parser takes or tells, and what it takes it writes and reads again': fc.property(
    fc.constantFrom(...attributes),
    pieces,
    ([name, attribute], parts) => {
      const list = splitAs(attribute.text, parts.join(' '));
      if (list.length < attribute.count[0] || list.length > attribute.count[1]) return;
      const findings = new Findings();
      const value = attribute.parse(list, findings.at({ path: 'f', line: 1 }));
      placed(findings.diagnostics, 'f', 1);
      if (value === null && findings.diagnostics.length === 0) throw new Error(`${name} refuses ${JSON.stringify(list)} without a message`);
      if (value === null || findings.failed) return;
      const written = attribute.format(value);
      const again = attribute.parse(splitAs(attribute.text, written), new Findings().at({ path: 'f', line: 1 }));
      if (again === null || attribute.format(again) !== written)
        throw new Error(`${name}: ${JSON.stringify(list)} is written ${written}, which reads differently`);
    },
  ),

  'inetd.conf never fails either': fc.property(inetdConf, inetdNeverFails),
  'what is loaded is told of in its places, and no service with an error is in the plan': fc.asyncProperty(configuration, loadsWithPlaces),
} as const;
