import { native, systemError } from './native.js';

/**
 * Whether somebody (NTP) keeps the clock, as adjtimex(2) knows.
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
