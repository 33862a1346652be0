export interface LogPlan {
  /** How much of a client's address the log shows; absent: all of it. */
  readonly address?: 'prefix' | 'hash';
  readonly sink: LogSink | null;
  readonly onSuccess: ReadonlySet<SuccessField>;
  readonly onFailure: ReadonlySet<FailureField>;
}

export type SuccessField = 'PID' | 'HOST' | 'USERID' | 'EXIT' | 'DURATION' | 'TRAFFIC';

export type FailureField = 'HOST' | 'USERID' | 'ATTEMPT';

export type LogSink =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Bytes; Infinity for no limit. `hard` ≥ `soft`. */
      readonly soft: number;
      readonly hard: number;
      readonly format: 'xinetd' | 'json';
      /** Rotated generations kept: 0 stops writing at the hard limit, as xinetd does. */
      readonly keep: number;
    }
  | {
      readonly kind: 'syslog';
      readonly facility: string;
      readonly level: string;
      readonly format: 'xinetd' | 'json';
    };
