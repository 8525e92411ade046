import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learnTickets, usualTickets, type AverageValue } from './ticket.ts';

const KEEP = 1 - 1 / 1440;

function learnt(minutes: number, amounts: (minute: number) => readonly (string | number)[]): AverageValue[] {
  let tickets: AverageValue[] = [];
  for (let minute = 0; minute < minutes; minute++) tickets = learnTickets(tickets, 10, amounts(minute), KEEP);
  return tickets;
}

test('one transfer of a fortune hardly moves the average transaction value', () => {
  const [ticket] = usualTickets(learnt(200, (minute) => ['BRL', minute === 150 ? 1e12 : 500]));
  assert.ok(ticket !== undefined && Math.abs(ticket.amount - 50) < 2, String(ticket?.amount));
});

test('each currency has its amount for one approved transaction of any currency', () => {
  const tickets = usualTickets(learnt(100, () => ['BRL', 400, 'USD', 20]));
  assert.deepEqual(
    tickets.map(({ currency, amount }) => [currency, Math.round(amount)]),
    [
      ['BRL', 40],
      ['USD', 2],
    ],
  );
});

test('without amounts nothing is known', () => {
  assert.deepEqual(usualTickets(learnt(100, () => [])), []);
});
