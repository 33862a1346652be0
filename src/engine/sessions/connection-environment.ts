import type { PeerFacts } from '../../report/event.js';

/** REMOTE_HOST as xinetd sets it, and REMOTE_PORT beside it; a peer without an address sets neither. */
export function connectionEnvironment({ address, port }: PeerFacts): string[] {
  return address === null ? [] : [`REMOTE_HOST=${address}`, `REMOTE_PORT=${port}`];
}
