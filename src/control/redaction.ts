import type { Event } from '../report/event.js';
import type { Privacy } from '../report/log/private-address.js';
import type { SessionFacts } from './shared-schemas.js';
import type { Call } from './verb.js';

/** How clients are shown to one caller. */
export interface Redaction {
  event(event: Event): Event;
  /** @param id The service whose client it is; null where it belongs to none. */
  address(text: string, id: string | null): string;
  session(facts: SessionFacts): SessionFacts;
}

const UNREDACTED: Redaction = { event: (event) => event, address: (text) => text, session: (facts) => facts };

/**
 * To those of `control_admin` clients are shown as they are; to those of `control_read` as logs would (`log_address`), which they may as well be
 * allowed to read. A hash is not that of the logs: its salt is another.
 */
export async function redactionFor({ daemon, caller }: Call): Promise<Redaction> {
  if (caller.role === 'admin') return UNREDACTED;
  const services = () => [...daemon.engine.services, ...daemon.engine.tcpmuxServices];
  const { addresses } = daemon;
  await addresses.prepare();
  const strictest = (): Privacy | null => {
    const all = services().flatMap(({ plan }) => plan.log.address ?? []);
    return all.includes('hash') ? 'hash' : (all[0] ?? null);
  };
  const of = (id: string | null): Privacy | null => {
    const service = services().find(({ plan }) => plan.id === id);
    return service === undefined ? strictest() : (service.plan.log.address ?? null);
  };
  const address: Redaction['address'] = (text, id) => {
    const how = of(id);
    return how === null ? text : addresses.hide(text, how, daemon.now());
  };
  return {
    event(event) {
      const how = of('service' in event ? (event.service?.id ?? null) : null);
      return how === null ? event : addresses.mask(event, how);
    },
    address,
    session: (facts) => (facts.address === null ? facts : { ...facts, address: address(facts.address, facts.service) }),
  };
}
