import { formatAddress, isIPv4, parseAddress } from '../../address/address.js';
import { formatPrefix, IPV4_BITS, maskAddress } from '../../address/prefix-set.js';
import type { Event } from '../event.js';

export type Privacy = 'prefix' | 'hash';

/** What stands for an address before its hash can be made. */
const HIDDEN = 'hidden';

const DAY_MS = 86_400_000;

/** Letters of a hash: 48 bits of it. */
const HASH_LETTERS = 12;

const IPV4 = /(?<![\w.:])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/g;
const IPV6 = /(?<![\w.:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?::?\d{1,3}(?:\.\d{1,3}){3})?(?:%\w+)?(?![\w:])/gi;

/**
 * Takes the addresses of clients out of events (`log_address`), before they are written anywhere. A hash is HMAC-SHA-256 under a salt of
 * the day, which is drawn anew each day (UTC), stands nowhere but in memory, and cannot be asked for.
 */
export class PrivateAddresses {
  private hmac: ((text: string) => string) | null = null;
  private day = Number.NaN;
  private crypto: typeof import('node:crypto') | null = null;

  /** To be called once hashes are wanted: what makes them is loaded then. */
  async prepare(): Promise<void> {
    this.crypto ??= await import('node:crypto');
  }

  /** The event as it may be told. */
  mask(event: Event, how: Privacy): Event {
    const hide = (text: string) => this.hide(text, how, event.at);
    const hideOne = (found: string) => (parseAddress(found.replace(/%.*/, '')) === null ? found : hide(found));
    const clean = (text: string) => text.replace(IPV6, hideOne).replace(IPV4, hideOne);
    switch (event.type) {
      case 'notice':
        return { ...event, message: clean(event.message) };
      case 'server-said':
        return { ...event, text: clean(event.text) };
      case 'source-banned':
        return { ...event, source: hide(event.source) };
      default:
        if (!('peer' in event) || event.peer.address === null) return event;
        return { ...event, peer: { address: hide(event.peer.address), port: event.peer.port } };
    }
  }

  /** @example new PrivateAddresses().hide('192.0.2.7', 'prefix', Date.now()) // '192.0.2.0/24' */
  hide(text: string, how: Privacy, at: number): string {
    const address = parseAddress(text.replace(/[%/].*/, ''));
    if (address === null) return HIDDEN;
    if (how === 'hash') return this.hash(formatAddress(address), at);
    const length = isIPv4(address) ? IPV4_BITS + 24 : 48;
    return formatPrefix({ base: maskAddress(address, length), length });
  }

  private hash(text: string, at: number): string {
    if (this.crypto === null) return HIDDEN;
    const day = Math.floor(at / DAY_MS);
    if (this.hmac === null || day !== this.day) {
      const { createHmac, randomBytes } = this.crypto;
      const salt = randomBytes(32);
      this.hmac = (one) => createHmac('sha256', salt).update(one).digest('hex').slice(0, HASH_LETTERS);
      this.day = day;
    }
    return this.hmac(text);
  }
}
