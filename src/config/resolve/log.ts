import type { LogPlan, LogSink } from '../plan.js';
import type { Settings } from '../settings.js';

const NONE: ReadonlySet<never> = new Set();

/** Without `log_type` nothing is logged, whatever the masks say. */
export function resolveLog(settings: Settings): LogPlan {
  const address = settings.log_address?.value ?? 'full';
  return {
    ...(address === 'full' ? {} : { address }),
    sink: resolveSink(settings),
    onSuccess: settings.log_on_success?.value ?? NONE,
    onFailure: settings.log_on_failure?.value ?? NONE,
  };
}

function resolveSink({ log_type, log_format, log_keep }: Settings): LogSink | null {
  if (log_type === undefined) return null;
  const format = log_format?.value ?? 'xinetd';
  if (log_type.value.kind === 'syslog') return { ...log_type.value, format };
  const { kind, path, soft, hard } = log_type.value;
  return { kind, path, soft, hard, format, keep: log_keep?.value ?? 1 };
}
