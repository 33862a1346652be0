import { attributes } from '../attributes/table.js';
import type { Findings } from '../diagnostic.js';
import type { ServiceDraft } from '../draft.js';
import type { Setting, Settings } from '../settings.js';

/** Tells of everything in a service that is recognised and not built. */
export function reportNotYet({ settings, findings }: ServiceDraft): void {
  reportIgnored(settings, findings, 'own');
}

/** Attributes whose absence is bearable. */
const IGNORED = attributes.filter(([, attribute]) => attribute.notYet === true).map(([name]) => name);

/** Tells once, where they are written, of attributes without an effect. */
export function reportIgnored(settings: Settings, findings: Findings, which: 'own' | 'all'): void {
  const spoken = (setting: Setting<unknown> | undefined) => setting !== undefined && (which === 'all' || !setting.inherited);
  for (const name of IGNORED) {
    const setting = settings[name];
    if (setting !== undefined && spoken(setting))
      findings.at(setting.origin).warning('not-yet', `${name} is not built yet; the line is ignored`);
  }
}
