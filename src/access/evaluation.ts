import type { Address } from '../address/address.js';
import { type HasInterface, parseQuad, parseScopedIPv6, withoutMapping } from './addresses.js';
import { type Bytes, foldCase, requestString } from './bytes.js';
import type { Endpoint, FactAnswer, Need, RequestFacts } from './request.js';

export const UNKNOWN = 'unknown';
export const PARANOID = 'paranoid';

const CLIENT_NAME: Need = { fact: 'client-name' };
const SERVER_NAME: Need = { fact: 'server-name' };

/** Thrown through the matchers when a rule needs an unknown fact; `decide` turns it into an answer. */
export class FactNeeded {
  constructor(readonly need: Need) {}
}

/** One string of a request, with the forms that matchers need, each computed once. */
export class FactSubject {
  /** In folded case, and without `::ffff:` before an IPv4 address. */
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

/** One end of the connection during one decision. */
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
    private readonly evaluation: Evaluation,
  ) {
    this.port = endpoint.port;
    this.addressText = orUnknown(endpoint.address);
    this.asked = endpoint.name !== undefined || this.addressText === UNKNOWN;
    const name = this.asked ? (endpoint.name ?? '') : evaluation.answer(nameNeed);
    this.nameText = name === undefined ? null : orUnknown(String(name ?? ''));
  }

  get address(): FactSubject {
    return (this.addressSubject ??= this.evaluation.subject(this.addressText));
  }

  /** The name, for a rule that asks for it. */
  get name(): FactSubject {
    this.asked = true;
    if (this.nameText === null) throw new FactNeeded(this.nameNeed);
    return (this.nameSubject ??= this.evaluation.subject(this.nameText));
  }

  /** The name if it is known without a look-up, whether or not a rule has asked for it. */
  get knownName(): FactSubject | null {
    if (this.nameText === null) return null;
    return (this.nameSubject ??= this.evaluation.subject(this.nameText));
  }

  /** Notes that a rule asks for the name where the answer cannot change the verdict. */
  noteNameAsked(): void {
    this.asked = true;
  }

  /** Whether any rule so far has asked for the name. */
  get isNameAsked(): boolean {
    return this.asked;
  }

  get hasUsableName(): boolean {
    const { folded } = this.name;
    return folded !== UNKNOWN && folded !== PARANOID;
  }

  /** Expansion sanitises the stored strings; later rules match the sanitised ones. */
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

/** The request during one decision: its strings change as options run. */
export class Evaluation {
  readonly client: Host;
  readonly server: Host;
  readonly pid: number;
  private daemonSubject: FactSubject;
  private userText: Bytes | null;
  private identTimeout: number | null = null;

  constructor(
    private readonly facts: RequestFacts,
    readonly hasInterface: HasInterface,
    /** Updates `isNameAsked`, when the index skipped rules that libwrap would have tried. */
    readonly replayNameLookUps: () => void,
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

  /** The user; needs a look-up the first time. */
  get user(): FactSubject {
    if (this.userText === null) this.userText = orUnknown(textOf(this.fact({ fact: 'user', timeoutSeconds: this.identTimeout })));
    return this.subject(this.userText);
  }

  get knownUser(): FactSubject | null {
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

  /** The answer to a need; ends this attempt when it is unknown. */
  fact(need: Need): FactAnswer {
    const answer = this.facts.get(need);
    if (answer === undefined) throw new FactNeeded(need);
    return answer;
  }

  answer(need: Need): FactAnswer | undefined {
    return this.facts.get(need);
  }
}

/** The answer about a user may be bytes, for a name that is not UTF-8. */
const textOf = (answer: FactAnswer) => (answer instanceof Uint8Array ? answer : String(answer ?? ''));

const orUnknown = (text: string | Uint8Array) => requestString(text) || UNKNOWN;
