import { expect, test } from 'vitest';
import { spellings } from './attributes/table.js';
import { suggest } from './suggest.js';

test.each([
  ['log_on_failer', 'log_on_failure'],
  ['protocal', 'protocol'],
  ['scoket_type', 'socket_type'],
  ['cos', 'cps'],
  ['only_form', 'only_from'],
  ['sever', 'server'],
  ['instance', 'instances'],
  ['kafel_rule', null],
  ['rcvbuf', null],
])('%s is meant for %s', (word, meant) => expect(suggest(word, spellings)).toBe(meant));
