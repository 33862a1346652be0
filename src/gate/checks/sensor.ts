import type { Check } from '../check.js';

/** The flag SENSOR, xinetd.conf(5): nobody has any business there. */
export const sensorCheck: Check = { reason: 'sensor', ask: () => 'refuse' };
