import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeText, foldLine, writeCalendar } from './calendar.ts';

const unfold = (text: string): string => text.replaceAll('\r\n ', '');
const unescape = (text: string): string => text.replaceAll(/\\([\\;,n])/g, (_all, one: string) => (one === 'n' ? '\n' : one));

test('a feed is what calendars read', () => {
  const entry = {
    uid: 'night-1@guardian',
    summary: 'Plantão: Ana; "noite", \\ fim',
    description: '',
    startsAt: Date.UTC(2026, 10, 28, 11),
    endsAt: Date.UTC(2026, 11, 5, 11),
  };
  const feed = writeCalendar([entry], { name: 'night', madeAt: 0 });
  assert.deepEqual(feed.split('\r\n').slice(8, 16), [
    'BEGIN:VEVENT',
    'UID:night-1@guardian',
    'DTSTAMP:19700101T000000Z',
    'DTSTART:20261128T110000Z',
    'DTEND:20261205T110000Z',
    String.raw`SUMMARY:Plantão: Ana\; "noite"\, \\ fim`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ]);
  assert.ok(feed.endsWith('END:VCALENDAR\r\n'));
});

test('any text comes back from its line, which no calendar finds too long and which cuts no character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      const clean = text.replaceAll(/\r\n?/g, '\n').replaceAll(/(?!\n)\p{Cc}/gu, ' ');
      const folded = foldLine(`SUMMARY:${escapeText(text)}`);
      for (const line of folded.split('\r\n')) {
        assert.ok(Buffer.byteLength(line) <= 75);
        assert.ok(!line.includes('\n') && line.isWellFormed());
      }
      assert.equal(unescape(unfold(folded).slice('SUMMARY:'.length)), clean);
    }),
  );
});
