import type { LogPlan, LogSink } from '../plan.js';
import { effective, type Settings } from '../settings.js';

/** Without `log_type` superd logs nothing, whatever log_on_success and log_on_failure say. */
export function resolveLog(settings: Settings): LogPlan {
  const address = effective(settings, 'log_address');
  return {
    ...(address === 'full' ? {} : { address }),
    sink: resolveSink(settings),
    onSuccess: effective(settings, 'log_on_success'),
    onFailure: effective(settings, 'log_on_failure'),
  };
}

function resolveSink(settings: Settings): LogSink | null {
  const { log_type } = settings;
  if (log_type === undefined) return null;
  const format = effective(settings, 'log_format');
  if (log_type.value.kind === 'syslog') return { ...log_type.value, format };
  const { kind, path, soft, hard } = log_type.value;
  return { kind, path, soft, hard, format, keep: effective(settings, 'log_keep') };
}
