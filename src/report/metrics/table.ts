/** A metric family of Prometheus. */
export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** One sentence without its full stop. */
  readonly help: string;
}

const counter = (help: string, ...labels: string[]): MetricFamily => ({ type: 'counter', labels, help });
const gauge = (help: string, ...labels: string[]): MetricFamily => ({ type: 'gauge', labels, help });
const histogram = (help: string, ...labels: string[]): MetricFamily => ({ type: 'histogram', labels, help });

/** Every metric, in the order of the exposition. Names and base units follow Prometheus' conventions. */
export const metricFamilies = {
  superd_build_info: gauge('Always 1; the label has the version', 'version'),
  superd_connections_accepted_total: counter('Connections accepted from listeners, before the gate'),
  superd_datagrams_received_total: counter('Datagrams received for built-in services'),
  superd_sessions_started_total: counter('Sessions admitted and served', 'service'),
  superd_sessions_refused_total: counter('Connections and datagrams that the gate refused, by reason', 'service', 'reason'),
  superd_sessions_failed_total: counter('Admitted sessions whose server could not be started', 'service'),
  superd_sessions: gauge('Sessions now', 'service'),
  superd_session_duration_seconds: histogram('Duration of ended sessions', 'service'),
  superd_session_cpu_seconds_total: counter('CPU time of servers that have ended', 'service', 'mode'),
  superd_relayed_bytes_total: counter('Bytes relayed in ended sessions of redirects, by sending side', 'service', 'from'),
  superd_service_up: gauge('1 when the service works', 'service'),
  superd_service_restarts_total: counter('Restarts of a resident daemon after it ended unexpectedly', 'service'),
  superd_service_pauses_total: counter('How often the service was paused, for cps or for lack of descriptors', 'service'),
  superd_spawn_duration_seconds: histogram('Time from queueing a start until the program ran'),
  superd_bans: gauge('Sources banned now'),
  superd_log_lines_lost_total: counter('Lines that could not be written to a log', 'log'),
  superd_event_loop_delay_seconds: histogram("Delay of superd's event loop, ten samples a second while the metrics are read"),
  process_cpu_seconds_total: counter('CPU time of superd, user and system'),
  process_resident_memory_bytes: gauge('Resident memory of superd, with shared pages of Node'),
  process_open_fds: gauge('Open descriptors of superd'),
  process_start_time_seconds: gauge('Start time of superd in seconds since the epoch'),
  nodejs_heap_size_used_bytes: gauge('Size of JavaScript objects'),
  nodejs_heap_size_total_bytes: gauge('Memory reserved for JavaScript objects'),
} as const satisfies Readonly<Record<string, MetricFamily>>;

export type MetricName = keyof typeof metricFamilies;
