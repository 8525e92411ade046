/** What the approved transactions of a slice bring in one currency: amounts and all approved ones, fading alike. */
export interface AverageValue {
  readonly currency: string;
  amount: number;
  approved: number;
}

/** Currencies of one slice; the smallest beyond them are forgotten. */
const MOST_CURRENCIES = 4;
/** A minute counts with at most this many times the average transaction value: one transfer of a fortune teaches little. */
const MOST_TIMES = 4;
/** Approved transactions from which the average transaction value is known. */
const KNOWN_FROM = 30;

/** Learns a minute: `approved` transactions, and `amounts` as the window has them (currency, sum, currency, sum). */
export function learnTickets(
  tickets: readonly AverageValue[],
  approved: number,
  amounts: readonly (string | number)[],
  keep: number,
): AverageValue[] {
  if (approved <= 0) return [...tickets];
  const next = tickets.map((ticket) => ({ ...ticket, amount: ticket.amount * keep, approved: ticket.approved * keep + approved }));
  for (let place = 0; place + 1 < amounts.length; place += 2) {
    const currency = String(amounts[place]);
    const amount = Number(amounts[place + 1]);
    const known = next.find((ticket) => ticket.currency === currency);
    // The others say how many came before without this currency.
    if (known === undefined) next.push({ currency, amount, approved: Math.max(approved, ...next.map((ticket) => ticket.approved)) });
    else known.amount += clipped(known, amount, approved);
  }
  if (next.length <= MOST_CURRENCIES) return next;
  return next.sort((a, b) => b.approved - a.approved || (a.currency < b.currency ? -1 : 1)).slice(0, MOST_CURRENCIES);
}

function clipped(ticket: AverageValue, amount: number, approved: number): number {
  const before = ticket.approved - approved;
  if (before < KNOWN_FROM || ticket.amount <= 0) return amount;
  return Math.min(amount, (MOST_TIMES * approved * ticket.amount) / before);
}

/** Usual amount of one approved transaction by currency; none where nothing is known. */
export function usualTickets(tickets: readonly AverageValue[]): { readonly currency: string; readonly amount: number }[] {
  return tickets
    .filter(({ amount, approved }) => amount > 0 && approved > 0)
    .map(({ currency, amount, approved }) => ({ currency, amount: amount / approved }));
}
