import { attributeNamed, findAttribute } from './attributes/table.js';
import type { Findings } from './diagnostic.js';
import type { Block } from './entries.js';
import { readBlock, type Settings } from './settings.js';
import { suggest } from './suggest.js';

/** Whether a defaults block has `strict = yes`, wherever: the line applies to those above it too. */
export function isStrict(blocks: readonly Block[]): boolean {
  const lines = blocks.filter(({ kind }) => kind === 'defaults').flatMap(({ assignments }) => assignments);
  return lines.some(({ name, value }) => findAttribute(name) === 'strict' && /^yes\b/i.test(value));
}

/** Merges the defaults blocks of all files; a mistake affects only its line. */
export function readDefaults(blocks: readonly Block[], findings: Findings): Settings {
  let settings: Settings = {};
  for (const block of blocks) if (block.kind === 'defaults') ({ settings } = readBlock(block, settings, findings));
  return settings;
}

/** Notes defaults that follow services: they apply to those too, where xinetd leaves access open. */
export function reportLateDefaults(blocks: readonly Block[], findings: Findings): void {
  let services = 0;
  for (const block of blocks) {
    if (block.kind === 'service') services++;
    else if (services > 0) {
      for (const { name, origin } of block.assignments) {
        const attribute = findAttribute(name);
        if (attribute !== undefined && attributeNamed(attribute).copiedByXinetd === true)
          findings
            .at(origin)
            .note(
              'read-late-defaults',
              `${name}: applies to the ${services === 1 ? 'service' : `${services} services`} above this line too; xinetd applies it only to later ones`,
            );
      }
    }
  }
}

/** Reports ids in `enabled` and `disabled` that no service or init script has. */
export function reportUnknownIds({ enabled, disabled }: Settings, ids: readonly string[], findings: Findings): void {
  const known = new Set(ids.map((id) => id.toLowerCase()));
  for (const setting of [enabled, disabled]) {
    for (const id of setting?.value ?? []) {
      if (known.has(id.toLowerCase())) continue;
      const near = suggest(id, ids);
      findings
        .at(setting!.origin)
        .warning(
          'unknown-id',
          `${setting === enabled ? 'enabled' : 'disabled'}: no service has the id ${id}${near === null ? '' : `; did you mean ${near}?`}`,
        );
    }
  }
}
