/**
 * What a resident daemon can be in the middle of.
 *
 * `down` nobody wants it. `waiting` for what it starts after. `starting` it runs and is not ready. `up` ready. `ending` it goes, and is
 * not wanted. `cycling` it goes, to be started again. `sweeping` it has failed or ended: what is left of it goes. `delayed` before the
 * next start. `resting` left alone after a crash loop. `done` ended as it should. `failed` ended badly, and is not to be started again.
 */
export const states = [
  'down',
  'waiting',
  'starting',
  'up',
  'ending',
  'cycling',
  'sweeping',
  'delayed',
  'resting',
  'done',
  'failed',
] as const;
export type DaemonPhase = (typeof states)[number];

/**
 * What can happen to it. `start` `stop` `restart`: somebody wants it. `clear`: what it starts after is there. `ready`. `late`: not ready in
 * time. `refused`: it could not be started. `ended`: its main process has. `sick`: it answers no more, or has grown too large. `empty`:
 * no process of it is left. `again` `later` `rest` `finish` `give-up`: the verdict on one that has ended. `due`: the wait is over.
 */
export const events = [
  'start',
  'stop',
  'restart',
  'clear',
  'ready',
  'late',
  'refused',
  'ended',
  'sick',
  'empty',
  'again',
  'later',
  'rest',
  'finish',
  'give-up',
  'due',
] as const;
export type DaemonEvent = (typeof events)[number];

/** What is done on the way into the next state. */
export type DaemonEffect = 'nothing' | 'queue' | 'launch' | 'announce' | 'terminate' | 'sweep' | 'judge' | 'delay' | 'rest' | 'settle';

export interface Transition {
  readonly to: DaemonPhase;
  readonly effect: DaemonEffect;
}

const to = (state: DaemonPhase, effect: DaemonEffect = 'nothing'): Transition => ({ to: state, effect });

/** Everything that means nothing in a state leaves it as it is. */
function unmoved(state: DaemonPhase): Record<DaemonEvent, Transition> {
  const stay = to(state);
  return Object.fromEntries(events.map((event) => [event, stay])) as Record<DaemonEvent, Transition>;
}

/** While it goes its way it is looked at until nothing is left of it. */
const resumed = { start: to('waiting', 'queue'), restart: to('waiting', 'queue') };

/** The whole of it: for every state and every event what follows. */
export const table: Record<DaemonPhase, Record<DaemonEvent, Transition>> = {
  down: { ...unmoved('down'), ...resumed },
  waiting: { ...unmoved('waiting'), clear: to('starting', 'launch'), stop: to('down', 'settle') },
  starting: {
    ...unmoved('starting'),
    ready: to('up', 'announce'),
    late: to('sweeping', 'terminate'),
    sick: to('sweeping', 'terminate'),
    refused: to('sweeping', 'sweep'),
    ended: to('sweeping', 'sweep'),
    stop: to('ending', 'terminate'),
    restart: to('cycling', 'terminate'),
  },
  up: {
    ...unmoved('up'),
    sick: to('sweeping', 'terminate'),
    ended: to('sweeping', 'sweep'),
    stop: to('ending', 'terminate'),
    restart: to('cycling', 'terminate'),
  },
  ending: {
    ...unmoved('ending'),
    ended: to('ending', 'sweep'),
    refused: to('ending', 'sweep'),
    empty: to('down', 'settle'),
    start: to('cycling'),
    restart: to('cycling'),
  },
  cycling: {
    ...unmoved('cycling'),
    ended: to('cycling', 'sweep'),
    refused: to('cycling', 'sweep'),
    empty: to('waiting', 'queue'),
    stop: to('ending'),
  },
  sweeping: {
    ...unmoved('sweeping'),
    ended: to('sweeping', 'sweep'),
    refused: to('sweeping', 'sweep'),
    empty: to('sweeping', 'judge'),
    again: to('waiting', 'queue'),
    later: to('delayed', 'delay'),
    rest: to('resting', 'rest'),
    finish: to('done', 'settle'),
    'give-up': to('failed', 'settle'),
    stop: to('ending'),
    restart: to('cycling'),
  },
  delayed: { ...unmoved('delayed'), ...resumed, due: to('waiting', 'queue'), stop: to('down', 'settle') },
  resting: { ...unmoved('resting'), ...resumed, due: to('waiting', 'queue'), stop: to('down', 'settle') },
  done: { ...unmoved('done'), ...resumed, stop: to('down', 'settle') },
  failed: { ...unmoved('failed'), ...resumed, stop: to('down', 'settle') },
};
