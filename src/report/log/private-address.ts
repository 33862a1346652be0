import { formatAddress, isIPv4, parseAddress } from '../../address/address.js';
import { formatPrefix, IPV4_BITS, maskAddress } from '../../address/prefix-set.js';
import type { Event } from '../event.js';

export type Privacy = 'prefix' | 'hash';

/** Replaces an address until hashes are available. */
const HIDDEN = 'hidden';

const DAY_MS = 86_400_000;

/** Length of a hash: 48 bits. */
const HASH_LETTERS = 12;

const IPV4 = /(?<![\w.:])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/g;
const IPV6 = /(?<![\w.:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?::?\d{1,3}(?:\.\d{1,3}){3})?(?:%\w+)?(?![\w:])/gi;

/**
 * Hides the addresses of clients in events before they are logged (`log_address`). A hash is HMAC-SHA-256 with a random salt, which changes
 * each day (UTC), is kept in memory only, and is never shown.
 */
export class PrivateAddresses {
  private hmac: ((text: string) => string) | null = null;
  private day = Number.NaN;
  private crypto: typeof import('node:crypto') | null = null;

  /** Loads the crypto module; call it once before hashes are needed. */
  async prepare(): Promise<void> {
    this.crypto ??= await import('node:crypto');
  }

  /** A copy of the event with hidden addresses. */
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
