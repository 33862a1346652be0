import type { Service } from '../services/service.js';

/** The ports at which superd itself reads datagrams: a datagram from one of them would be answered without end. */
export class DatagramPorts {
  private known: { readonly of: Iterable<Service>; readonly ports: ReadonlySet<number> } = { of: [], ports: new Set() };

  constructor(private readonly services: () => readonly Service[]) {}

  /** Found again when there are other services. */
  all(): ReadonlySet<number> {
    const services = this.services();
    if (this.known.of !== services) {
      const answering = services.filter(
        (service) => service.relaysDatagrams || (service.plan.activation === 'internal' && service.plan.wait),
      );
      this.known = { of: services, ports: new Set(answering.map(({ plan }) => plan.endpoint.port)) };
    }
    return this.known.ports;
  }
}
