/** What Prometheus calls it, and what it is. */
export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** One sentence without its full stop. */
  readonly help: string;
}

const counter = (help: string, ...labels: string[]): MetricFamily => ({ type: 'counter', labels, help });
const gauge = (help: string, ...labels: string[]): MetricFamily => ({ type: 'gauge', labels, help });
const histogram = (help: string, ...labels: string[]): MetricFamily => ({ type: 'histogram', labels, help });

/** Every metric there is, in the order in which they are told. Names and base units as Prometheus wants them. */
export const metricFamilies = {
  superd_build_info: gauge('Always 1; the version stands in its label', 'version'),
  superd_connections_accepted_total: counter('Connections that came to a listening socket, before the gate was asked'),
  superd_datagrams_received_total: counter('Datagrams taken for services that superd answers itself'),
  superd_sessions_started_total: counter('Sessions that were let in and served', 'service'),
  superd_sessions_refused_total: counter('Connections and datagrams that the gate refused, by the reason', 'service', 'reason'),
  superd_sessions_failed_total: counter('Sessions that were let in, and whose server could not be started', 'service'),
  superd_sessions: gauge('Sessions now', 'service'),
  superd_session_duration_seconds: histogram('How long sessions lasted that have ended', 'service'),
  superd_session_cpu_seconds_total: counter('CPU time of servers that have ended', 'service', 'mode'),
  superd_relayed_bytes_total: counter(
    'Bytes passed on in redirected sessions that have ended, by the side they came from',
    'service',
    'from',
  ),
  superd_service_up: gauge('1 when the service does what it is there for', 'service'),
  superd_service_restarts_total: counter('Starts of a resident daemon after an end that nobody asked for', 'service'),
  superd_service_pauses_total: counter('How often a door was closed for a time, for cps or want of descriptors', 'service'),
  superd_spawn_duration_seconds: histogram('Time from the order to start a program until it ran'),
  superd_bans: gauge('Sources that no service lets in now'),
  superd_log_lines_lost_total: counter('Lines that could not be written to a log', 'log'),
  superd_event_loop_delay_seconds: histogram("How late superd's own work came to its turn, ten samples a second while somebody looks"),
  process_cpu_seconds_total: counter('CPU time of superd itself, user and system'),
  process_resident_memory_bytes: gauge('Memory of superd itself, shared pages of Node included'),
  process_open_fds: gauge('Open descriptors of superd itself'),
  process_start_time_seconds: gauge('When superd was started, seconds since the epoch'),
  nodejs_heap_size_used_bytes: gauge("JavaScript objects in superd's memory"),
  nodejs_heap_size_total_bytes: gauge("Memory set aside for JavaScript objects in superd's memory"),
} as const satisfies Readonly<Record<string, MetricFamily>>;

export type MetricName = keyof typeof metricFamilies;
