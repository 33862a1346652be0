import type { CheckKind } from '../check-kind.js';

/** The flag SENSOR, xinetd.conf(5): the service is a trap and admits no client. */
export const sensor: CheckKind = {
  reason: 'sensor',
  attributes: ['flags', 'deny_time'],
  build: () => ({ reason: 'sensor', ask: () => 'refuse' }),
  describe: () => 'a sensor admits no client',
};
