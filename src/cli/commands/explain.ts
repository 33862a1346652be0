import type { HostPort } from '../../address/endpoint.js';
import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, valueFlag } from '../command.js';
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
    'Asks the gate that decides about connections; changes nothing. Uses the present counters of superd or, with --config, counters at 0. ' +
    'Exits with 0 when the client would be admitted, and with 1 when it would be refused or the answer depends on a lookup.',
  flags: {
    json: jsonFlag,
    from: { kind: 'parsed', parse: clientAddress, brief: 'Address of the client, with or without a port', placeholder: 'address' },
    at: { ...valueFlag('Time of the connection: HH:MM, or a date and time', 'time'), parse: moment },
    config: valueFlag('Read this configuration file instead of asking superd', 'file'),
  },
  arguments: [{ name: 'service', brief: 'Name or id' }],
  async run({ control, print, style }, { json, from, at, config }, [service = '']) {
    const explained: readonly ServiceExplanation[] =
      config === undefined
        ? (await control.call('explain', { service, from: from.address, port: from.port, ...(at === undefined ? {} : { at }) }))
            .explanations
        : await (await import('../explain-config.js')).explainConfig({ config, service, from, at: at ?? Date.now() });
    await print(json ? jsonText(explained) : explained.map((one) => renderExplanation(one, style)).join('\n'));
    return explained.every(({ verdict }) => verdict === 'admit') ? 0 : 1;
  },
});
