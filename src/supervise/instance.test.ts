import { expect, test } from 'vitest';
import type { DaemonPlan } from '../config/plan.js';
import type { DaemonState } from '../report/states.js';
import type { SuperviseContext } from './context.js';
import { Instance } from './instance.js';

const plan = {
  id: 'web',
  pidfile: null,
  program: { argv: ['/bin/web'], environment: [], credentials: { uid: 0, gid: 0, groups: [] } },
  ready: { kind: 'none' },
  watchdogMs: 0,
  restart: { when: 'never', statuses: [] },
} as unknown as DaemonPlan;

/** Runs `start`, and every start fails at once; `onChange` may raise further events. */
function story(onChange: (instance: Instance) => void) {
  const states: DaemonState[] = [];
  const launchedIn: DaemonState[] = [];
  const context = {
    key: 'test',
    now: () => 0,
    groups: null,
    get inheritance() {
      launchedIn.push(instance.state);
      throw new Error('no more processes');
    },
  } as unknown as SuperviseContext;
  const changed = (one: Instance, from: DaemonState) => {
    expect(from).toBe(states.at(-1) ?? 'stopped');
    states.push(one.state);
    onChange(one);
  };
  const instance = new Instance(context, { mayStart: () => true, changed, keep: () => {} }, plan, 0);
  instance.raise('start');
  return { states, launchedIn, instance };
}

test('a start that fails at once is seen after the start', () => {
  const { states, instance } = story(() => {});
  expect(states).toEqual(['waiting', 'starting', 'cleaning-up', 'failed']);
  expect(instance).toMatchObject({ detail: 'no more processes', failures: 1, alive: false });
});

test('a stop raised while a start is handled runs after the launch', () => {
  const { states, launchedIn, instance } = story((one) => {
    if (one.state === 'starting') one.raise('stop');
  });
  expect(states).toEqual(['waiting', 'starting', 'stopping', 'stopped']);
  expect(launchedIn).toEqual(['starting']);
  expect(instance.alive).toBe(false);
});
