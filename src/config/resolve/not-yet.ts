import type { Flag } from '../attributes/identity.js';
import { attributes } from '../attributes/table.js';
import type { Findings } from '../diagnostic.js';
import { hasFlag, type ServiceDraft } from '../draft.js';
import type { Setting, Settings } from '../settings.js';

/** What a service cannot do without, and superd cannot do yet: running it all the same would serve something else, or more people. */
const FLAGS: readonly (readonly [Flag, string])[] = [['INTERCEPT', 'checking each client of a wait = yes service']];

/** Tells of everything in a service that is recognised and not built, as an error where ignoring it would change what is served or to whom. */
export function reportNotYet(draft: ServiceDraft): void {
  const { settings, findings, block } = draft;
  for (const [flag, what] of FLAGS)
    if (hasFlag(draft, flag))
      findings
        .at(settings.flags?.origin ?? block.origin)
        .error('not-yet', `flags: ${flag} is not built yet (${what}); the service is not run`);
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
