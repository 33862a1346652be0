import { native, systemError } from './native.js';

/**
 * Whether NTP keeps the clock synchronized, adjtimex(2).
 *
 * @throws SystemError
 */
export function clockIsSynchronized(): boolean {
  try {
    return native().clockIsSynchronized();
  } catch (error) {
    throw systemError(error, 'the clock');
  }
}
