import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { signalNumber } from './signals.js';

test('every signal of this machine has its number', () => {
  for (const [name, number] of Object.entries(constants.signals))
    expect([name, signalNumber(name as NodeJS.Signals)]).toEqual([name, number]);
});
