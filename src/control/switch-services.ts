import { resolveServices } from './resolve-services.js';
import { boolean, type Infer, list, object, optional, string } from './schema.js';
import { services } from './shared-schemas.js';
import type { Call } from './verb.js';

export const switchParams = object({
  services,
  now: optional(boolean('Go over to the configuration at once; otherwise it holds from the next apply on')),
});
export const switchResult = object({ services: list(string(), 'Their ids') });

/** Switches services on or off for good, whatever the files say. */
export async function switchServices({ services: words, now }: Infer<typeof switchParams>, { daemon }: Call, how: 'on' | 'off') {
  const { report } = await daemon.load();
  const ids = [...new Set(resolveServices(report.services, words).map(({ id }) => id))];
  await daemon.setEnabled(ids, how);
  if (now === true) {
    await daemon.apply();
    if (how === 'on') for (const unit of daemon.engine.units()) if (ids.includes(unit.id)) await unit.start();
  }
  return { services: ids };
}
