import { isUp, type Unit } from '../engine/unit.js';
import { placeOf } from '../errors.js';
import type { UnitFacts } from './shared-schemas.js';

export function unitFactsOf(unit: Unit): UnitFacts {
  const { id, name, activation, state, stoppedByOperator, problem, since, endpoint, origin, pids, sessions, counters, output } = unit;
  return {
    id,
    name,
    activation,
    state,
    up: isUp(state),
    stoppedByOperator,
    problem,
    since,
    endpoint,
    origin: placeOf(origin),
    pids,
    sessions: sessions.size,
    ...counters,
    output,
  };
}
