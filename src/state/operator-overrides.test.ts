import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OperatorOverrides } from './operator-overrides.js';
import { openStore, type Store } from './store.js';

function directory(sections: object = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'superd-overrides-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  writeFileSync(join(path, 'state.json'), JSON.stringify({ superd: 1, sections }));
  return path;
}

function overridesOf(path: string): { overrides: OperatorOverrides; store: Store } {
  const store = openStore(path, () => {});
  const overrides = new OperatorOverrides();
  overrides.use(store);
  return { overrides, store };
}

const sectionsIn = (path: string) => JSON.parse(readFileSync(join(path, 'state.json'), 'utf8')).sections;

test('each kind is a section, and the next run reads it', () => {
  const path = directory();
  const { overrides, store } = overridesOf(path);
  overrides.stopped.set('web', true);
  overrides.replicas.set('worker', 3);
  overrides.enabled.set('echo', false);
  overrides.run.set('job', [['server', '=', '/bin/true']]);
  store.close();
  expect(sectionsIn(path)).toEqual({
    stopped: { web: true },
    replicas: { worker: 3 },
    enabled: { echo: false },
    run: { job: [['server', '=', '/bin/true']] },
  });
  const next = overridesOf(path);
  expect([...next.overrides.replicas.all]).toEqual([['worker', 3]]);
  next.overrides.forget('job');
  next.overrides.forget('worker');
  next.store.close();
  expect(sectionsIn(path)).toEqual({ stopped: { web: true }, replicas: {}, enabled: { echo: false }, run: {} });
});

test('what earlier versions kept with daemons, scripts and services is moved, once', () => {
  const path = directory({
    stopped: ['web'],
    daemons: { running: true, boot: 'b', processes: {}, wishes: { worker: { stopped: true, replicas: 3 }, other: { replicas: 5 } } },
    scripts: { boot: 'b', running: ['up'], stopped: ['script'], left: [] },
    switched: { echo: false },
  });
  const { overrides, store } = overridesOf(path);
  expect([...overrides.stopped.all.keys()]).toEqual(['web', 'worker', 'script']);
  expect([...overrides.replicas.all]).toEqual([
    ['worker', 3],
    ['other', 5],
  ]);
  store.close();
  expect(sectionsIn(path)).toEqual({
    stopped: { web: true, worker: true, script: true },
    replicas: { worker: 3, other: 5 },
    enabled: { echo: false },
    daemons: { running: true, boot: 'b', processes: {} },
    scripts: { boot: 'b', running: ['up'], left: [] },
  });
});

test('whatever is no override in the document is left out', () => {
  const path = directory({
    stopped: 7,
    replicas: { a: 1, b: 1001, c: -1, d: 'x' },
    enabled: null,
    run: { a: [['x']], b: [['n', '=', 'v']] },
  });
  const { overrides, store } = overridesOf(path);
  expect([[...overrides.stopped.all], [...overrides.replicas.all], [...overrides.enabled.all], [...overrides.run.all.keys()]]).toEqual([
    [],
    [['a', 1]],
    [],
    ['b'],
  ]);
  store.close();
});
