import type { HostPort } from '../../address/endpoint.js';
import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { clientAddress, moment } from '../flag-values.js';
import { renderExplanation, type ServiceExplanation } from '../render/explanation.js';

interface ExplainFlags extends JsonFlag {
  readonly from: HostPort;
  readonly at?: number;
  readonly config?: string;
}

export const explain = defineCommand<ExplainFlags>({
  summary: summaries.explain,
  description:
    'Asks what decides about connections, and changes nothing. With --config a configuration is asked, as if nobody else were there; otherwise superd, ' +
    'with its counters as they stand. Ends with 0 when the client would be admitted, 1 when refused, 1 when it depends on a look-up.',
  flags: {
    json: jsonFlag,
    from: { kind: 'parsed', parse: clientAddress, brief: 'The client: an address, with a port if need be', placeholder: 'address' },
    at: { kind: 'parsed', parse: moment, optional: true, brief: 'When: HH:MM, or a date and time', placeholder: 'time' },
    config: { kind: 'parsed', parse: String, optional: true, brief: 'Ask this configuration file instead of superd', placeholder: 'file' },
  },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Its name or id', least: 1 },
  async run({ control, print, look }, { json, from, at, config }, [service = '', ...more]) {
    if (more.length > 0) throw new ConfigError('usage', 'explain wants one service');
    const explained: readonly ServiceExplanation[] =
      config === undefined
        ? (await control.call('explain', { service, from: from.address, port: from.port, ...(at === undefined ? {} : { at }) }))
            .explanations
        : await (await import('../explain-config.js')).explainConfig({ config, service, from, at: at ?? Date.now() });
    await print(json ? `${JSON.stringify(explained, null, 2)}\n` : explained.map((one) => renderExplanation(one, look)).join('\n'));
    return explained.every(({ verdict }) => verdict === 'admit') ? 0 : 1;
  },
});
