import { ConfigError, placeOf } from '../../errors.js';
import { resolveServices } from '../resolve-services.js';
import { list, object, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

/** Its own name is a word of the language. */
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
        `${written.id} stands in ${placeOf(written.origin)}: take it out there, or have it off with superctl disable ${written.id}`,
      );
    }
    const ids = resolveServices(run, words).map(({ id }) => id);
    await daemon.delete(ids);
    return { services: ids };
  },
});
