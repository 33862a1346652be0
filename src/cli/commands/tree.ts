import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderTree } from '../render/tree.js';

interface TreeFlags extends JsonFlag {
  readonly config?: string;
}

export const tree = defineCommand<TreeFlags>({
  summary: summaries.tree,
  description:
    'Daemons (after, needs, wants), init scripts (their comments), and the services on request that they wait for. Each stands once, under the last of what it ' +
    'waits for. Of a service named, what it waits for and what waits for it. With --config a configuration is shown, otherwise what superd runs.',
  flags: {
    json: jsonFlag,
    config: { kind: 'parsed', parse: String, optional: true, brief: 'Show this configuration file instead of superd', placeholder: 'file' },
  },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look }, { json, config }, words) {
    const services =
      config === undefined
        ? (await control.call('tree', { services: words })).services
        : await (await import('../tree-config.js')).treeOfConfig(config, words);
    await print(json ? `${JSON.stringify(services, null, 2)}\n` : renderTree(services, look));
    return 0;
  },
});
