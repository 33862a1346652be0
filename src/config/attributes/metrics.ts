import { defineAttribute } from './attribute.js';
import { type Bind, bind, port } from './socket.js';

/** Where superd tells what it has counted. */
export interface MetricsPlace {
  readonly bind: Bind;
  readonly port: number;
}

export const metrics = defineAttribute<MetricsPlace>({
  name: 'metrics',
  where: 'defaults',
  count: [2, 2],
  text: 'words',
  extension: true,
  initial: null,
  usage: 'ADDRESS PORT',
  doc: `Where superd tells Prometheus what it has counted, as in "metrics = 127.0.0.1 9142": a service named metrics that superd answers itself,
behind the same gate as all others. Only this machine is let in, unless *only_from* of the defaults says who else. A service metrics of type
INTERNAL is the same with attributes of its own.`,
  parse([address = '', number = ''], report) {
    const where = bind.parse([address], report);
    const which = port.parse([number], report);
    if (where === null || which === null) return null;
    if (where.kind !== 'path') return { bind: where, port: which };
    report.error('bad-value', 'wanted an address and a port; over a unix socket the control socket answers /metrics');
    return null;
  },
  format: (value) => `${bind.format(value.bind)} ${value.port}`,
});
