import { callNative } from './native.js';

/**
 * Whether NTP keeps the clock synchronized, adjtimex(2).
 *
 * @throws SystemError
 */
export function clockIsSynchronized(): boolean {
  return callNative('the clock', (binding) => binding.clockIsSynchronized());
}
