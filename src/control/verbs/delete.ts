import { ConfigError, placeOf } from '../../errors.js';
import { resolveServices } from '../resolve-services.js';
import { list, object, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

/** `delete` itself is a reserved word of JavaScript. */
export const deleteServices = defineVerb({
  name: 'delete',
  role: 'admin',
  params: object({ services }),
  result: object({ services: list(string(), 'Their ids') }),
  async run({ services: words }, { daemon }) {
    const run = daemon.runBlocks().map(({ name }) => ({ id: name, name }));
    const written = daemon.engine.units().find(({ id }) => words.includes(id) && !run.some((one) => one.id === id));
    if (written !== undefined) {
      throw new ConfigError(
        'usage',
        `${written.id} is defined in ${placeOf(written.origin)}: remove it there, or use superctl disable ${written.id}`,
      );
    }
    const ids = resolveServices(run, words).map(({ id }) => id);
    await daemon.delete(ids);
    return { services: ids };
  },
});
