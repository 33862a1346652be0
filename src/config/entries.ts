import type { Origin } from '../errors.js';

export type Operator = '=' | '+=' | '-=';

/** One attribute line. The value is still text, because how it splits into words depends on the attribute. */
export interface Assignment {
  readonly name: string;
  readonly operator: Operator;
  /** Everything after the operator, outer blanks removed. */
  readonly value: string;
  readonly origin: Origin;
  /** Written with `==` for the operator. */
  readonly isDoubled?: true;
}

/** `service NAME { … }` or `defaults { … }`. */
export interface Block {
  readonly kind: 'service' | 'defaults';
  /** Empty for defaults. */
  readonly name: string;
  readonly origin: Origin;
  readonly assignments: readonly Assignment[];
  /** Its braces or lines are wrong: parts may be missing, so superd does not run the service. */
  readonly broken: boolean;
  /** `-inetd_compat` entries do not inherit the attributes that xinetd copies into a block when it begins. */
  readonly dialect: 'xinetd' | 'inetd';
}

export interface Include {
  readonly kind: 'include' | 'includedir';
  readonly target: string;
  readonly origin: Origin;
}

export type Entry = Block | Include;
