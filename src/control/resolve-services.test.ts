import { expect, test } from 'vitest';
import { resolveServices, resolveServicesOrAll } from './resolve-services.js';

const services = [
  { id: 'echo', name: 'echo' },
  { id: 'echo-two', name: 'echo' },
  { id: 'time-tcp', name: 'time' },
  { id: 'time-udp', name: 'time' },
];

const ids = (...words: string[]) => resolveServices(services, words).map(({ id }) => id);

test.each([
  ['an id selects one service, although another has it as its name', ['echo'], ['echo']],
  ['a name selects every service with it', ['time'], ['time-tcp', 'time-udp']],
  ['a pattern matches ids', ['*-t?p'], ['time-tcp']],
  ['a pattern matches names', ['t?me'], ['time-tcp', 'time-udp']],
  ['all', ['all'], ['echo', 'echo-two', 'time-tcp', 'time-udp']],
  ['several words select each service once, in their given order', ['time-udp', 'time', 'echo'], ['echo', 'time-tcp', 'time-udp']],
])('%s', (_, words, selected) => {
  expect(ids(...words)).toEqual(selected);
});

test('unknown words are rejected all at once, with the nearest spelling', () => {
  expect(() => ids('ecko', 'echo', 'x-*')).toThrow('there is no service ecko; did you mean echo?; there is no service x-*');
});

test('a pattern that no service matches is unknown, and so is a word of a pattern without wildcards', () => {
  expect(() => ids('tim')).toThrow('there is no service tim');
});

test('no word is a mistake for a command, and everything for a question', () => {
  expect(() => ids()).toThrow('which service?');
  expect(resolveServicesOrAll(services, [])).toEqual(services);
});
