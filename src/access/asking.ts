import type { Address } from '../address/address.js';
import { type HasInterface, parseQuad, parseScopedIPv6, withoutMapping } from './addresses.js';
import { type Bytes, foldCase, requestString } from './bytes.js';
import type { Endpoint, FactAnswer, Need, RequestFacts } from './request.js';

export const UNKNOWN = 'unknown';
export const PARANOID = 'paranoid';

const CLIENT_NAME: Need = { fact: 'client-name' };
const SERVER_NAME: Need = { fact: 'server-name' };

/** Thrown through the matchers when a rule needs a fact that is not there; `decide` turns it into an answer. */
export class Missing {
  constructor(readonly need: Need) {}
}

/** One string of a request, with what the matchers want of it worked out once. */
export class FactSubject {
  /** Folded, and without `::ffff:` in front of an IPv4 address. */
  readonly folded: Bytes;
  private words: Address | null | undefined;
  private quad: number | null | undefined;

  constructor(
    readonly text: Bytes,
    private readonly hasInterface: HasInterface,
  ) {
    this.folded = withoutMapping(foldCase(text));
  }

  get ipv6(): Address | null {
    if (this.words === undefined) this.words = parseScopedIPv6(this.folded, this.hasInterface);
    return this.words;
  }

  get ipv4(): number | null {
    if (this.quad === undefined) this.quad = parseQuad(this.folded);
    return this.quad;
  }
}

/** An end of the connection in the course of one decision. */
export class Host {
  readonly port: number | undefined;
  private addressText: Bytes;
  private nameText: Bytes | null;
  private addressSubject: FactSubject | null = null;
  private nameSubject: FactSubject | null = null;
  private asked: boolean;

  constructor(
    endpoint: Endpoint,
    private readonly nameNeed: Need,
    private readonly asking: Asking,
  ) {
    this.port = endpoint.port;
    this.addressText = orUnknown(endpoint.address);
    this.asked = endpoint.name !== undefined || this.addressText === UNKNOWN;
    const name = this.asked ? (endpoint.name ?? '') : asking.answer(nameNeed);
    this.nameText = name === undefined ? null : orUnknown(String(name ?? ''));
  }

  get address(): FactSubject {
    return (this.addressSubject ??= this.asking.subject(this.addressText));
  }

  /** The name, where the rules ask for it. */
  get name(): FactSubject {
    this.asked = true;
    if (this.nameText === null) throw new Missing(this.nameNeed);
    return (this.nameSubject ??= this.asking.subject(this.nameText));
  }

  /** The name if it need not be looked up any more; whether the rules have asked for it is another matter. */
  get nameAtHand(): FactSubject | null {
    if (this.nameText === null) return null;
    return (this.nameSubject ??= this.asking.subject(this.nameText));
  }

  /** Notes that the rules ask for the name where the answer cannot matter to the verdict. */
  askName(): void {
    this.asked = true;
  }

  /** Whether the rules tried so far have asked for the name. */
  get nameIsAsked(): boolean {
    return this.asked;
  }

  get hasUsableName(): boolean {
    const { folded } = this.name;
    return folded !== UNKNOWN && folded !== PARANOID;
  }

  /** Expansion sanitises the stored strings themselves; what is matched later sees the sanitised ones. */
  storeAddress(text: Bytes): void {
    if (text === this.addressText) return;
    this.addressText = text;
    this.addressSubject = null;
  }

  storeName(text: Bytes): void {
    if (text === this.nameText) return;
    this.nameText = text;
    this.nameSubject = null;
  }
}

/** The request in the course of one decision: its strings change as options run. */
export class Asking {
  readonly client: Host;
  readonly server: Host;
  readonly pid: number;
  private daemonSubject: FactSubject;
  private userText: Bytes | null;
  private identTimeout: number | null = null;

  constructor(
    private readonly facts: RequestFacts,
    readonly hasInterface: HasInterface,
    /** Brings `nameIsAsked` up to date, when rules were passed over that libwrap would have tried. */
    readonly settleNames: () => void,
  ) {
    const { request } = facts;
    this.client = new Host(request.client, CLIENT_NAME, this);
    this.server = new Host(request.server, SERVER_NAME, this);
    this.pid = request.pid ?? 0;
    this.daemonSubject = this.subject(requestString(request.daemon));
    this.userText = request.user === undefined ? null : orUnknown(request.user);
  }

  get daemon(): FactSubject {
    return this.daemonSubject;
  }

  /** Looks the user up if nobody has yet. */
  get user(): FactSubject {
    if (this.userText === null) this.userText = orUnknown(String(this.fact({ fact: 'user', timeoutSeconds: this.identTimeout }) ?? ''));
    return this.subject(this.userText);
  }

  get userSoFar(): FactSubject | null {
    return this.userText === null ? null : this.user;
  }

  setIdentTimeout(seconds: number): void {
    this.identTimeout = seconds;
  }

  storeDaemon(text: Bytes): void {
    this.daemonSubject = this.subject(text);
  }

  storeUser(text: Bytes): void {
    this.userText = text;
  }

  subject(text: Bytes): FactSubject {
    return new FactSubject(text, this.hasInterface);
  }

  /** The answer to a need, or the end of this attempt. */
  fact(need: Need): FactAnswer {
    const answer = this.facts.get(need);
    if (answer === undefined) throw new Missing(need);
    return answer;
  }

  answer(need: Need): FactAnswer | undefined {
    return this.facts.get(need);
  }
}

const orUnknown = (text: string) => requestString(text) || UNKNOWN;
