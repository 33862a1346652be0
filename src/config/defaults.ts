import { attributeNamed, findAttribute } from './attributes/table.js';
import type { Findings } from './diagnostic.js';
import type { Block } from './entries.js';
import { readBlock, type Settings } from './settings.js';
import { suggest } from './suggest.js';

/** All defaults blocks of all files as one; a mistake in them costs the line it stands on. */
export function readDefaults(blocks: readonly Block[], findings: Findings): Settings {
  let settings: Settings = {};
  for (const block of blocks) if (block.kind === 'defaults') ({ settings } = readBlock(block, settings, findings));
  return settings;
}

/** Defaults hold for every service, also for those before them, where xinetd leaves access open. */
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
              `${name}: holds for the ${services === 1 ? 'service' : `${services} services`} read before this line too; xinetd applies it only to later ones`,
            );
      }
    }
  }
}

/** Ids in `enabled` and `disabled` that neither a service nor an init script has. */
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
