/** One end of the connection of an access decision. */
export interface Endpoint {
  /** Numeric, an IPv6 address with its scope if it has one; '' when it is unavailable. */
  readonly address: string;
  /**
   * The confirmed host name, `unknown` or `paranoid` (name and address disagree); '' when it is unavailable. undefined: `decide` asks
   * for it when a rule needs it.
   */
  readonly name?: string | undefined;
  /** undefined when it is unknown. */
  readonly port?: number | undefined;
}

/** The facts of a request before the first rule. */
export interface Request {
  /** The name of the service in rules. */
  readonly daemon: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** The client's user; '' when it is unavailable, undefined when `decide` may ask for it (RFC 1413). */
  readonly user?: string | undefined;
  /** The process id for `%p`; 0 without one. */
  readonly pid?: number | undefined;
}

/** A fact that a decision needs. Fetch it, `learn` it, and decide again. */
export type Need =
  /** Answer: the confirmed host name, `unknown`, or `paranoid`. */
  | { readonly fact: 'client-name' | 'server-name' }
  /** Answer: the user's name, as bytes when it is not ASCII, or `unknown`. `timeoutSeconds` is the rule's own time, null for the usual one. */
  | { readonly fact: 'user'; readonly timeoutSeconds: number | null }
  /** Answer: whether the host name is a member of the netgroup. */
  | { readonly fact: 'netgroup'; readonly group: string; readonly host: string }
  /** Answer: the text of a file with host patterns; null when it is missing or unreadable. */
  | { readonly fact: 'file'; readonly path: string }
  /** Answer: the exit status of `/bin/sh -c command` (not 0 for a death by signal). */
  | { readonly fact: 'command'; readonly command: string; readonly ordinal: number }
  /** Answer: whether the user or group exists. */
  | { readonly fact: 'account'; readonly database: 'user' | 'group'; readonly name: string };

export type FactAnswer = string | number | boolean | Uint8Array | null;

/** A request, and the facts that were looked up for it. */
export class RequestFacts {
  /** Created with the first fact: most decisions need none. */
  private answers: Map<string, FactAnswer> | null = null;

  constructor(readonly request: Request) {}

  learn(need: Need, answer: FactAnswer): void {
    this.answers ??= new Map();
    this.answers.set(needKey(need), answer);
  }

  get(need: Need): FactAnswer | undefined {
    return this.answers === null ? undefined : this.answers.get(needKey(need));
  }
}

function needKey(need: Need): string {
  switch (need.fact) {
    case 'client-name':
    case 'server-name':
    case 'user':
      return need.fact;
    case 'netgroup':
      return `netgroup ${need.group} ${need.host}`;
    case 'file':
      return `file ${need.path}`;
    case 'command':
      return `command ${need.ordinal} ${need.command}`;
    case 'account':
      return `${need.database} ${need.name}`;
  }
}
