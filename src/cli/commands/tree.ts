import { summaries } from '../../control/summaries.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, jsonText, valueFlag } from '../command.js';
import { renderTree } from '../render/tree.js';

interface TreeFlags extends JsonFlag {
  readonly config?: string;
}

export const tree = defineCommand<TreeFlags>({
  summary: summaries.tree,
  description:
    'Shows daemons (after, needs, wants), init scripts (their comments) and the services on request that these wait for. Each appears once, ' +
    'below the last service that it waits for. For a named service, shows what it waits for and what waits for it.',
  flags: { json: jsonFlag, config: valueFlag('Read this configuration file instead of asking superd', 'file') },
  arguments: [anyServices],
  async run({ control, print, style }, { json, config }, names) {
    const services =
      config === undefined
        ? (await control.call('tree', { services: names })).services
        : await (await import('../tree-config.js')).treeOfConfig(config, names);
    await print(json ? jsonText(services) : renderTree(services, style));
    return 0;
  },
});
