/** NSS lookups on libuv's thread pool: `native/users.c`, `native/netdb.c`. */
export interface NameBinding {
  /** Answers in the order of the questions. */
  lookUp(questions: readonly NssQuestion[]): Promise<NssResult[]>;
}

/** An answer; null for an unknown name; or why the name service has not answered. */
export type NssResult = NssAnswer | null | NssFailure;

/** The name service has not answered: a server is down, or a deadline has passed. */
export interface NssFailure {
  readonly kind: 'unanswered';
  /** errno(3) */
  readonly errno: number;
}

export type NssQuestion =
  | readonly [kind: 'user', nameOrUid: string | number]
  | readonly [kind: 'group', nameOrGid: string | number]
  | readonly [kind: 'groups-of-user', name: string, gid: number]
  | readonly [kind: 'service', nameOrPort: string | number, protocol: string]
  | readonly [kind: 'protocol', nameOrNumber: string | number]
  | readonly [kind: 'rpc', nameOrNumber: string | number]
  | readonly [kind: 'network', name: string]
  | readonly [kind: 'addresses', host: string]
  /** Has an answer when the host is a member. */
  | readonly [kind: 'netgroup', group: string, host: string];

export type NssAnswer =
  | {
      readonly kind: 'user';
      readonly name: string;
      readonly uid: number;
      readonly gid: number;
      readonly directory: string;
      readonly shell: string;
    }
  | { readonly kind: 'group'; readonly name: string; readonly gid: number }
  | { readonly kind: 'groups-of-user'; readonly gids: readonly number[] }
  | { readonly kind: 'service'; readonly name: string; readonly port: number; readonly protocol: string }
  | { readonly kind: 'protocol'; readonly name: string; readonly number: number }
  | { readonly kind: 'rpc'; readonly name: string; readonly number: number }
  | { readonly kind: 'network'; readonly name: string; readonly address: string }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'netgroup'; readonly name: string };
