import type { Attribute } from '../attributes/attribute.js';
import { attributes } from '../attributes/table.js';
import { isResident, type ServiceDraft } from '../draft.js';

const namesFor = (kind: Attribute<unknown>['appliesTo']) =>
  attributes.filter(([, { appliesTo }]) => appliesTo === kind).map(([name]) => name);
const REQUEST_ONLY = namesFor('request');
const RESIDENT_ONLY = namesFor('resident');

/** Notes attributes that have no effect with this activation: a block may hold those of both, so that one line switches over. */
export function noteWithoutEffect(draft: ServiceDraft): void {
  const { settings, findings, block } = draft;
  const unused = (isResident(draft) ? REQUEST_ONLY : RESIDENT_ONLY).filter((name) => settings[name]?.inherited === false);
  if (unused.length === 0) return;
  const why = isResident(draft)
    ? 'with "activation = boot" the program opens its own socket, and superd sees no clients'
    : 'for resident daemons only ("activation = boot")';
  findings.at(settings.activation?.origin ?? block.origin).note('without-effect', `no effect: ${unused.join(', ')}; ${why}`);
}
