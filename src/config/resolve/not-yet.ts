import type { Attribute } from '../attributes/attribute.js';
import type { Flag, ServiceType } from '../attributes/identity.js';
import { type AttributeName, table } from '../attributes/table.js';
import type { Findings } from '../diagnostic.js';
import { hasFlag, hasType, type ServiceDraft } from '../draft.js';
import type { Setting, Settings } from '../settings.js';

/** What a service cannot do without, and superd cannot do yet: running it all the same would serve something else, or more people. */
const TYPES: Readonly<Partial<Record<ServiceType, string>>> = {
  INTERNAL: 'services that superd answers itself',
  RPC: 'RPC services',
  TCPMUX: 'services reached through tcpmux',
  TCPMUXPLUS: 'services reached through tcpmux',
};
const FLAGS: Readonly<Partial<Record<Flag, string>>> = {
  INTERCEPT: 'checking each client of a wait = yes service',
  SENSOR: 'sensors',
  LABELED: 'SELinux labels taken from the client',
};

/** Tells of everything in a service that is recognised and not built, as an error where ignoring it would change what is served or to whom. */
export function reportNotYet(draft: ServiceDraft): void {
  const { settings, findings, block } = draft;
  for (const [type, what] of Object.entries(TYPES) as [ServiceType, string][])
    if (hasType(draft, type))
      findings
        .at(settings.type?.origin ?? block.origin)
        .error('not-yet', `type: ${type} is not built yet (${what}); the service is not run`);
  for (const [flag, what] of Object.entries(FLAGS) as [Flag, string][])
    if (hasFlag(draft, flag))
      findings
        .at(settings.flags?.origin ?? block.origin)
        .error('not-yet', `flags: ${flag} is not built yet (${what}); the service is not run`);
  if (hasFlag(draft, 'IDONLY') && settings.log_on_success?.value.has('USERID') === true)
    findings
      .at(settings.flags?.origin ?? block.origin)
      .error('not-yet', 'flags: IDONLY is not built yet (clients must identify themselves); the service is not run');
  if (settings.redirect !== undefined)
    findings.at(settings.redirect.origin).error('not-yet', 'redirect is not built yet; the service is not run');
  reportIgnored(settings, findings, 'own');
}

/** Attributes whose absence is bearable: said once, where they are written. */
export function reportIgnored(settings: Settings, findings: Findings, which: 'own' | 'all'): void {
  for (const [name, setting] of Object.entries(settings) as [AttributeName, Setting<unknown>][]) {
    if (which === 'own' && setting.inherited) continue;
    if ((name === 'log_on_success' || name === 'log_on_failure') && settings[name]?.value.has('USERID') === true)
      findings.at(setting.origin).note('not-yet', `${name}: USERID is taken; the look-up of the client's user (ident) is not built yet`);
    if ((table[name] as Attribute<unknown>).notYet === true && name !== 'redirect')
      findings.at(setting.origin).warning('not-yet', `${name} is not built yet; the line is ignored`);
  }
}
