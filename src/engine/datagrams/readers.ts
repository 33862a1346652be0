import type { GateAsker } from '../connections/ask-gate.js';
import { Handover, type HandoverContext } from '../connections/handover.js';
import type { Service } from '../services/service.js';
import { type DatagramContext, Datagrams } from './internal.js';
import type { Passing, RelayContext } from './relay.js';

/** Takes a service whose socket has something to read, and is not accepted from, to what deals with it. */
export class SocketReaders {
  private readonly handover: Handover;
  private readonly datagrams: Datagrams;
  /** Loaded with the first datagram that is to be passed on. */
  private passing: Passing | null = null;

  constructor(
    private readonly context: HandoverContext & DatagramContext & RelayContext,
    private readonly doorkeeper: GateAsker,
  ) {
    this.handover = new Handover(context, doorkeeper);
    this.datagrams = new Datagrams(context, doorkeeper);
  }

  readable(service: Service): void {
    if (service.plan.activation === 'internal') this.datagrams.readable(service);
    else if (!service.relaysDatagrams) this.handover.readable(service);
    else if (this.passing !== null) this.passing.readable(service);
    else this.loadPassing(service).catch(this.context.onError);
  }

  private async loadPassing(service: Service): Promise<void> {
    const { Passing } = await import('./relay.js');
    this.passing ??= new Passing(this.context, this.doorkeeper);
    this.passing.readable(service);
  }
}
