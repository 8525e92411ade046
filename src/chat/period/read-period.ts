import { DAY_PARTS, MAX_PERIOD_DAYS, type DayPart, type Period, type PeriodUnit } from './period.ts';

/** A period that was found in a line, and the line without it. */
export interface FoundPeriod {
  readonly period: Period;
  readonly rest: string;
}

const NUMBERS: Readonly<Record<string, number>> = {
  um: 1,
  uma: 1,
  one: 1,
  an: 1,
  a: 1,
  dois: 2,
  duas: 2,
  two: 2,
  tres: 3,
  three: 3,
  quatro: 4,
  four: 4,
  cinco: 5,
  five: 5,
  seis: 6,
  six: 6,
  sete: 7,
  seven: 7,
  oito: 8,
  eight: 8,
  nove: 9,
  nine: 9,
  dez: 10,
  ten: 10,
  doze: 12,
  twelve: 12,
  quinze: 15,
  fifteen: 15,
  vinte: 20,
  twenty: 20,
  trinta: 30,
  thirty: 30,
  sessenta: 60,
  sixty: 60,
};
const NUMBER = `(\\d{1,5}|${Object.keys(NUMBERS)
  .filter((word) => word !== 'a')
  .join('|')})`;

const UNITS: Readonly<Record<PeriodUnit, string>> = {
  minute: 'minutos?|minutes?|mins?|m',
  hour: 'horas?|hours?|hrs?|hs?',
  day: 'dias?|days?|d',
  week: 'semanas?|weeks?|w',
};
const UNIT = `(${Object.values(UNITS).join('|')})`;
const UNIT_MINUTES: Readonly<Record<PeriodUnit, number>> = { minute: 1, hour: 60, day: 1440, week: 10_080 };

/** 22h, 22h30, 22:30, 22 horas, 10pm, 10:30 pm, meia-noite, meio-dia. */
const CLOCK = '(meia[- ]noite|midnight|meio[- ]dia|noon|\\d{1,2}(?:h\\d{2}|:\\d{2}(?: ?[ap]m)?| ?h(?:oras?|rs?)?| ?[ap]m)?)';

const PARTS: Readonly<Record<DayPart, string>> = {
  dawn: 'madrugada|early morning|small hours',
  morning: 'manha|morning',
  afternoon: 'tarde|afternoon',
  evening: 'evening',
  night: 'noite|night',
};
const PART = `(${Object.values(PARTS).join('|')})`;

const WEEKDAYS = [
  'domingo|sunday',
  'segunda(?:[- ]feira)?|monday',
  'terca(?:[- ]feira)?|tuesday',
  'quarta(?:[- ]feira)?|wednesday',
  'quinta(?:[- ]feira)?|thursday',
  'sexta(?:[- ]feira)?|friday',
  'sabado|saturday',
];
const MONTHS: Readonly<Record<string, number>> = {
  janeiro: 1,
  january: 1,
  fevereiro: 2,
  february: 2,
  marco: 3,
  march: 3,
  abril: 4,
  april: 4,
  maio: 5,
  may: 5,
  junho: 6,
  june: 6,
  julho: 7,
  july: 7,
  agosto: 8,
  august: 8,
  setembro: 9,
  september: 9,
  outubro: 10,
  october: 10,
  novembro: 11,
  november: 11,
  dezembro: 12,
  december: 12,
};

/** "hoje", "ontem", "anteontem" as days before today. */
const DAY = '(hoje|today|antes de ontem|ontem|yesterday|anteontem|the day before yesterday|day before yesterday)';
const backOf = (word: string | undefined): number | null => {
  if (word === undefined) return null;
  if (/^(hoje|today)$/.test(word)) return 0;
  return /^(ontem|yesterday)$/.test(word) ? 1 : 2;
};

/** Reads what one pattern found; null when its figures make no period. */
type Reader = (groups: readonly (string | undefined)[]) => Period | null;

const LEAD = '(?:(?:d[eoa]s?|n[oa]s?|em|in|on|over|of|for|from|durante|during|desde|since|since the|a|the|as) )?';
const RULES: readonly (readonly [RegExp, Reader])[] = [
  rule(`(?:entre|between) ${CLOCK} (?:e|a|as|ate|and|to) (?:as )?${CLOCK}(?: (?:de |of )?${DAY})?`, ([from, to, day]) =>
    between(from, to, day),
  ),
  rule(`${DAY} (?:entre|between) ${CLOCK} (?:e|a|as|ate|and|to) (?:as )?${CLOCK}`, ([day, from, to]) => between(from, to, day)),
  rule(`(?:de )?${DAY} (?:d[aoe]s?|from) ${CLOCK} (?:as|a|ate|ate as|to|until) ${CLOCK}`, ([day, from, to]) => between(from, to, day)),
  rule(`(?:d[aoe]s?|from) ${CLOCK} (?:as|a|ate|ate as|to|until) ${CLOCK}(?: (?:de |of )?${DAY})?`, ([from, to, day]) =>
    between(from, to, day),
  ),
  rule(`(\\d{1,2}(?:h\\d{0,2}|:\\d{2})) ?[-–] ?(\\d{1,2}(?:h\\d{0,2}|:\\d{2}))(?: (?:de |of )?${DAY})?`, ([from, to, day]) =>
    between(from, to, day),
  ),
  rule(`(?:desde|a partir d[aoe]s?|since|from) (?:as |a )?${CLOCK}(?: (?:de |of )?${DAY})?`, ([at, day]) => since(at, day)),
  rule(`(?:desde|since) ${DAY} (?:as |a |at )?${CLOCK}`, ([day, at]) => since(at, day)),
  rule(`(?:as|at|la pelas|por volta das) ${CLOCK}(?: (?:de |of )?${DAY})?`, ([at, day]) => hourFrom(at, day)),
  rule(`(?:de|from) ${DAY} (?:pra|para|ate|a|to|until|till) (?:hoje|agora|ca|today|now)`, ([day]) => fromStart(backOf(day) ?? 0)),
  rule(`${LEAD}(?:ultim[oa]s? |last |past )?(?:meia hora|half (?:an )?hour)`, () => last('30', 'm')),
  rule(`${LEAD}(?:ultim[oa]s?|last|past) (?:${NUMBER} )?(?:horas?|hours?) (?:e meia|and a half)`, ([amount]) =>
    last(String(amountOf(amount ?? 'um') * 60 + 30), 'm'),
  ),
  rule(`${LEAD}(?:ultim[oa]s?|last|past|the last|the past) ${NUMBER} ?${UNIT}`, ([amount, unit]) => last(amount, unit)),
  rule(`${LEAD}(?:ultim[oa]|last|past|the last|the past) (minuto|minute|hora|hour)`, ([unit]) => last('1', unit)),
  rule(`(?:ha|faz) ${NUMBER} ?${UNIT}`, ([amount, unit]) => last(amount, unit)),
  rule(`${LEAD}(\\d{1,5}) ?${UNIT}`, ([amount, unit]) => last(amount, unit)),
  rule(`${LEAD}${DAY},? (?:de |a |at |in the |pela )?${PART}`, ([day, part]) => partOf(part, backOf(day) ?? 0)),
  rule(`${LEAD}(?:a )?${PART} (?:de |of )?${DAY}`, ([part, day]) => partOf(part, backOf(day) ?? 0)),
  rule(`${LEAD}(?:ultima noite|noite passada|last night)`, () => ({ kind: 'part', part: 'night', back: 1 })),
  rule(`(?:madrugada passada|ultima madrugada)`, () => ({ kind: 'part', part: 'dawn', back: 0 })),
  rule(`${LEAD}tonight`, () => ({ kind: 'part', part: 'night', back: 0 })),
  rule(`(?:${LEAD}(?:est[ae]|nest[ae]|dest[ae]|essa|nessa|this)|d[ae]|n[ao]) ${PART}`, ([part]) => partOf(part, 0)),
  rule(`${LEAD}(?:esta|nesta|desta|this|essa|nessa) (?:semana|week)`, () => ({ kind: 'week', back: 0 })),
  rule(`${LEAD}(?:semana passada|ultima semana|last week)`, () => ({ kind: 'week', back: 1 })),
  rule(`${LEAD}${DAY}`, ([day]) => ({ kind: 'day', back: backOf(day) ?? 0 })),
  rule(`${LEAD}(\\d{4})-(\\d{1,2})-(\\d{1,2})`, ([year, month, day]) => dateOf(day, month, year)),
  rule(`${LEAD}(?:dia )?(\\d{1,2})/(\\d{1,2})(?:/(\\d{4}))?`, ([day, month, year]) => dateOf(day, month, year)),
  rule(`${LEAD}(?:dia )?(\\d{1,2}) (?:de |of )?(${Object.keys(MONTHS).join('|')})(?: (?:de )?(\\d{4}))?`, ([day, month = '', year]) =>
    dateOf(day, String(MONTHS[month]), year),
  ),
  rule(`${LEAD}dia (\\d{1,2})`, ([day]) =>
    Number(day) >= 1 && Number(day) <= 31 ? { kind: 'date', day: Number(day), month: null, year: null } : null,
  ),
  rule(`${LEAD}(${WEEKDAYS.join('|')}) passad[oa]`, ([word]) => ({ ...weekdayOf(word), isPast: true })),
  rule(`${LEAD}(ultim[oa] |last )?(${WEEKDAYS.join('|')})`, ([past, word]) => ({
    ...weekdayOf(word),
    ...(past === undefined ? {} : { isPast: true }),
  })),
];

function weekdayOf(word = ''): { readonly kind: 'weekday'; readonly weekday: number } {
  return { kind: 'weekday', weekday: WEEKDAYS.findIndex((pattern) => new RegExp(`^(?:${pattern})$`).test(word)) };
}

function fromStart(back: number): Period {
  return { kind: 'from', of: { kind: 'day', back } };
}

/** Periods with a beginning and an end of their own. */
const WITH_END: ReadonlySet<Period['kind']> = new Set(['day', 'week', 'part', 'weekday', 'date']);
const SINCE = /^(?:desde|since)(?: |$)/;

function rule(pattern: string, read: Reader): readonly [RegExp, Reader] {
  return [new RegExp(`(?<![^ ])${pattern}(?![^ ])`), read];
}

/** Finds a period in a line of plain words (no accents, lower case, one space between words). Null without one, and for figures
 *  that make none, such as `entre 25h e 26h`. Pure. */
export function findPeriod(line: string): FoundPeriod | null {
  for (const [pattern, read] of RULES) {
    const match = pattern.exec(line);
    if (match === null) continue;
    const found = read(match.slice(1));
    if (found === null) return null;
    const period: Period = SINCE.test(match[0]) && WITH_END.has(found.kind) ? { kind: 'from', of: found } : found;
    const rest = `${line.slice(0, match.index)} ${line.slice(match.index + match[0].length)}`;
    return { period, rest: rest.replaceAll(/ +/g, ' ').trim() };
  }
  return null;
}

/** Words that periods are said with, for typing errors. */
export const PERIOD_WORDS: readonly string[] = [
  ...['ultima', 'ultimas', 'ultimo', 'ultimos', 'minuto', 'minutos', 'hora', 'horas', 'dias', 'semana', 'semanas', 'hoje', 'ontem'],
  ...['anteontem', 'desde', 'entre', 'madrugada', 'manha', 'tarde', 'noite', 'passada', 'last', 'past', 'minute', 'minutes'],
  ...['hour', 'hours', 'days', 'week', 'weeks', 'today', 'yesterday', 'since', 'between', 'morning', 'afternoon', 'evening', 'night'],
  ...['tonight', 'domingo', 'segunda', 'terca', 'quarta', 'quinta', 'sexta', 'sabado', 'sunday', 'monday', 'tuesday', 'wednesday'],
  ...['thursday', 'friday', 'saturday'],
];

/** Minutes of the day of a time of day; null when there is no such time. */
export function clockOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^(meia[- ]noite|midnight)$/.test(text)) return 0;
  if (/^(meio[- ]dia|noon)$/.test(text)) return 720;
  const [, hours = '', minutes = '0', half] = /^(\d{1,2})(?:[h:](\d{2}))?(?: ?h\w*)?(?: ?([ap])m)?$/.exec(text) ?? [];
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (hours === '' || minute > 59) return null;
  if (half !== undefined) return hour < 1 || hour > 12 ? null : ((hour % 12) + (half === 'p' ? 12 : 0)) * 60 + minute;
  return hour < 24 || (hour === 24 && minute === 0) ? hour * 60 + minute : null;
}

/** `1h30`, `2 horas e meia`. */
const HOURS_AND = new RegExp(`^(?:${NUMBER} ?)?(?:h|hrs?|horas?|hours?) ?(?:e )?(meia|\\d{1,2}(?: ?m(?:in(?:utos?|s)?)?)?)$`);
const AMOUNT = new RegExp(`^(?:${NUMBER}|a) ?${UNIT}$`);

/** A length of time such as `15m`, `2 horas`, `meia hora`, `1h30` or `2 horas e meia`, minutes; null when it is none. Pure. */
export function readDuration(text: string): number | null {
  if (/^(?:meia hora|half an hour)$/.test(text)) return 30;
  const [, whole, rest = ''] = HOURS_AND.exec(text) ?? [];
  if (rest !== '') return readHours(amountOf(whole ?? 'um'), rest === 'meia' ? 30 : Number.parseInt(rest, 10));
  const match = AMOUNT.exec(text);
  if (match === null) return null;
  const minutes = amountOf(match[1] ?? 'a') * UNIT_MINUTES[unitOf(match[2])];
  return minutes > 0 ? minutes : null;
}

const readHours = (hours: number, minutes: number): number | null => (minutes < 60 ? hours * 60 + minutes : null);

const amountOf = (text: string): number => NUMBERS[text] ?? Number(text);

function unitOf(text: string | undefined): PeriodUnit {
  const units = Object.entries(UNITS) as [PeriodUnit, string][];
  return units.find(([, pattern]) => new RegExp(`^(?:${pattern})$`).test(text ?? ''))?.[0] ?? 'hour';
}

function last(amount: string | undefined, unitText: string | undefined): Period | null {
  const [count, unit] = [amountOf(amount ?? ''), unitOf(unitText)];
  const days = (count * UNIT_MINUTES[unit]) / 1440;
  return count > 0 && days <= MAX_PERIOD_DAYS ? { kind: 'last', amount: count, unit } : null;
}

function between(fromText: string | undefined, toText: string | undefined, day: string | undefined): Period | null {
  // "entre 2 e 4pm" means the afternoon.
  const half = /[ap]m$/.exec(toText ?? '')?.[0];
  const from = clockOf(half !== undefined && /^\d{1,2}$/.test(fromText ?? '') ? `${fromText}${half}` : fromText);
  const to = clockOf(toText);
  return from === null || to === null || from === to ? null : { kind: 'between', from, to, back: backOf(day) };
}

function since(text: string | undefined, day: string | undefined): Period | null {
  const at = clockOf(text);
  return at === null || at === 1440 ? null : { kind: 'since', at, back: backOf(day) };
}

/** "às 22h": the hour that begins then. */
function hourFrom(text: string | undefined, day: string | undefined): Period | null {
  const from = clockOf(text);
  return from === null ? null : { kind: 'between', from: from % 1440, to: (from + 60) % 1440, back: backOf(day) };
}

function partOf(text: string | undefined, back: number): Period {
  const part = DAY_PARTS.find((one) => new RegExp(`^(?:${PARTS[one]})$`).test(text ?? '')) ?? 'night';
  return { kind: 'part', part, back };
}

function dateOf(day: string | undefined, month: string | undefined, year: string | undefined): Period | null {
  const date = { day: Number(day), month: Number(month), year: year === undefined ? null : Number(year) };
  // 29 February exists in some year.
  const exists = new Date(Date.UTC(date.year ?? 2024, date.month - 1, date.day));
  return exists.getUTCMonth() === date.month - 1 && exists.getUTCDate() === date.day ? { kind: 'date', ...date } : null;
}
