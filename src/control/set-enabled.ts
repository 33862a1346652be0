import { resolveServices } from './resolve-services.js';
import { boolean, type Infer, list, object, optional, string } from './schema.js';
import { services } from './shared-schemas.js';
import type { Call } from './verb.js';

export const setEnabledParams = object({
  services,
  now: optional(boolean('Apply the configuration files at once; otherwise the next apply, reload or start does it')),
});
export const setEnabledResult = object({ services: list(string(), 'Their ids') });

/** Enables or disables services until the opposite command, whatever the files say. */
export async function setEnabled({ services: words, now }: Infer<typeof setEnabledParams>, { daemon }: Call, how: 'on' | 'off') {
  const { report } = await daemon.load();
  const ids = [...new Set(resolveServices(report.services, words).map(({ id }) => id))];
  await daemon.setEnabled(ids, how);
  if (now === true) {
    await daemon.reload();
    if (how === 'on') for (const unit of daemon.engine.units()) if (ids.includes(unit.id)) await unit.start();
  }
  return { services: ids };
}
