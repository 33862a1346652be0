import { attribute, section } from './attribute.js';
import { DEFAULTS_ONLY } from './defaults-only.js';
import { type Bind, socket } from './socket.js';

/** Where superd serves its metrics. */
export interface MetricsPlace {
  readonly bind: Bind;
  readonly port: number;
}

export const metrics = section(DEFAULTS_ONLY, {
  metrics: attribute<MetricsPlace>({
    where: 'defaults',
    appliesTo: 'any',
    count: [2, 2],
    text: 'words',
    extension: true,
    initial: null,
    usage: 'ADDRESS PORT',
    doc: `Where superd serves its metrics to Prometheus, as in "metrics = 127.0.0.1 9142": a service named metrics that superd itself
answers, behind the same gate as all others. It admits only this machine, unless *only_from* in defaults admits others. A service
metrics of type INTERNAL is the same with its own attributes.`,
    plan: [],
    parse([address = '', number = ''], report) {
      const where = socket.bind.parse([address], report);
      const which = socket.port.parse([number], report);
      if (where === null || which === null) return null;
      if (where.kind !== 'path') return { bind: where, port: which };
      report.error('bad-value', 'wanted an address and a port; over a unix socket, the control socket answers /metrics');
      return null;
    },
    format: (value) => `${socket.bind.format(value.bind)} ${value.port}`,
  }),
});
