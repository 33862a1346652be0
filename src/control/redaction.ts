import type { Event } from '../report/event.js';
import type { Privacy } from '../report/log/private-address.js';
import type { SessionFacts } from './shared-schemas.js';
import type { Call } from './verb.js';

/** Hides the addresses of service clients from one client of the control socket. */
export interface Redaction {
  event(event: Event): Event;
  /** @param id The service that the address connected to; null for an address without a service. */
  address(text: string, id: string | null): string;
  session(facts: SessionFacts): SessionFacts;
}

const UNREDACTED: Redaction = { event: (event) => event, address: (text) => text, session: (facts) => facts };

/**
 * Clients with the role `admin` see all addresses. Those with the role `read` see them as the logs show them (`log_address`). A hash
 * differs from the one in the logs: its salt is another.
 */
export async function redactionFor({ daemon, client }: Call): Promise<Redaction> {
  if (client.role === 'admin') return UNREDACTED;
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
