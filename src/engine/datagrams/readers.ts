import type { GateAsker } from '../connections/ask-gate.js';
import { Handover, type HandoverContext } from '../connections/handover.js';
import type { Service } from '../services/service.js';
import { type DatagramContext, InternalDatagrams } from './internal.js';
import type { RelayContext, UdpRelay } from './relay.js';

/** Chooses what reads a socket that superd does not accept connections from. */
export class SocketReaders {
  private readonly handover: Handover;
  private readonly datagrams: InternalDatagrams;
  /** Loaded with the first datagram to relay. */
  private relay: UdpRelay | null = null;

  constructor(
    private readonly context: HandoverContext & DatagramContext & RelayContext,
    private readonly asker: GateAsker,
  ) {
    this.handover = new Handover(context, asker);
    this.datagrams = new InternalDatagrams(context, asker);
  }

  readable(service: Service): void {
    if (service.plan.activation === 'internal') this.datagrams.readable(service);
    else if (!service.relaysDatagrams) this.handover.readable(service);
    else if (this.relay !== null) this.relay.readable(service);
    else this.loadRelay(service).catch(this.context.onError);
  }

  private async loadRelay(service: Service): Promise<void> {
    const { UdpRelay } = await import('./relay.js');
    this.relay ??= new UdpRelay(this.context, this.asker);
    this.relay.readable(service);
  }
}
