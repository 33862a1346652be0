import { afterEach, describe, expect, it } from 'vitest';
import { createIsoTime } from '../../src/report/log/json-line.js';
import { createServicePrefix } from '../../src/report/log/xinetd-line.js';

const at = Date.UTC(2026, 10, 22, 5, 49, 51, 42);
const zone = process.env['TZ'];

afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

describe.each([
  ['UTC', '26/11/22@05:49:51: ', '2026-11-22T05:49:51.042+00:00'],
  ['America/St_Johns', '26/11/22@02:19:51: ', '2026-11-22T02:19:51.042-03:30'],
  ['Asia/Kathmandu', '26/11/22@11:34:51: ', '2026-11-22T11:34:51.042+05:45'],
])('in %s', (name, xinetd, iso) => {
  it('logs carry local time', () => {
    process.env['TZ'] = name;
    expect(createServicePrefix()(at)).toBe(xinetd);
    expect(createIsoTime()(at)).toBe(iso);
  });
});

it('follows the change to and from summer time within one renderer', () => {
  process.env['TZ'] = 'Europe/Berlin';
  const time = createIsoTime();
  expect(time(Date.UTC(2026, 2, 29, 0, 59, 59))).toBe('2026-03-29T01:59:59.000+01:00');
  expect(time(Date.UTC(2026, 2, 29, 1, 0, 0))).toBe('2026-03-29T03:00:00.000+02:00');
  expect(time(Date.UTC(2026, 9, 25, 1, 0, 0))).toBe('2026-10-25T02:00:00.000+01:00');
});
