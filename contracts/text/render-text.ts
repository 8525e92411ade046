import type { Money, Reason } from '../anomaly.ts';

/** Languages that operators can read. */
export type Locale = 'pt-BR' | 'en';
export const LOCALES: readonly Locale[] = ['pt-BR', 'en'];

export type TextParams = Readonly<Record<string, string | number>>;

/** How times are written. */
export interface TextOptions {
  /** Zone for `{x:time}` and `{x:datetime}`; default America/Sao_Paulo. */
  readonly timeZone?: string;
  /** The reader's now, epoch milliseconds: `{x:time}` of another day names its day too, and one of another year its year. */
  readonly nowMs?: number;
  /** For programs: times stay ISO texts, and numbers have no separators. */
  readonly iso?: boolean;
}

const DEFAULT_ZONE = 'America/Sao_Paulo';
const WORD_CHOICE = /^([a-z_]+)=([^|]*)\|(.*)$/;
const PERIOD_END = /^until=([a-z_]+)$/;
const PLACEHOLDER = /\{([a-z_0-9]+)(?::([^{}]+))?\}/gi;

/** Texts by key, in every language. */
type Catalogue<Key extends string> = Readonly<Record<Locale, Readonly<Record<Key, string>>>>;

/** Reads the texts of one catalogue. */
export interface Texts<Key extends string> {
  /** One text in one language. Placeholders of the templates:
   *  `{x}` number with at most one decimal (locale) or text as it is; `{x:0}` `{x:1}` `{x:2}` fixed decimals;
   *  `{x:signed}` with its sign; `{x:pct}` share 0..1 as a percentage; `{x:time}` `{x:datetime}` of an ISO text or epoch
   *  milliseconds in `options.timeZone`, `{x:at}` the same with its preposition, `{x:until=y}` the end of the period that `y` begins, with its day
   *  where that is not the day of `y`; `{x:status}` the word for a status; `{x:type}` the word for a type of JSON; `{x:anomaly}`
   *  the word for a type of anomaly; `{x:part}` the names of parts of the program, with commas between them; `{x:state}` the word for the state of one; `{x:role}`
   *  the words for roles of people, any of which does; `{x:failure}` the sentence of a failure by its code;
   *  `{x:end}` how a process ended; `{x:span}` a length in seconds as `4h 12m`; `{x:money}` an amount in the currency of the parameter `currency`; `{x:one|many}` one of two words, by the number; `{x:word=this|that}` the first when the text
   *  is that word, else the second. A missing parameter stays visible. */
  readonly text: (locale: Locale, key: Key, params?: TextParams, options?: TextOptions) => string;
  /** True when the catalogue has the key. */
  readonly isTextKey: (key: string) => key is Key;
  /** Sentence of one reason: the text `reason.<code>`, or the code itself when the catalogue does not know it. */
  readonly reasonText: (locale: Locale, reason: Reason, options?: TextOptions) => string;
}

/** Makes the reader of a catalogue: the server has the whole one, the console only its own part. */
export function createTexts<Key extends string>(catalogue: Catalogue<Key>): Texts<Key> {
  const isTextKey = (key: string): key is Key => Object.hasOwn(catalogue['pt-BR'], key);
  const word = (locale: Locale, key: string): string | undefined => (isTextKey(key) ? catalogue[locale][key] : undefined);
  const text: Texts<Key>['text'] = (locale, key, params = {}, options = {}) =>
    catalogue[locale][key].replace(PLACEHOLDER, (whole, name: string, format: string | undefined) => {
      const value = params[name];
      if (format === 'money' && typeof value === 'number' && typeof params['currency'] === 'string')
        return moneyText(locale, [{ currency: params['currency'], amount: value }]);
      const from = new Date(params[PERIOD_END.exec(format ?? '')?.[1] ?? ''] ?? Number.NaN).getTime();
      if (value !== undefined && !Number.isNaN(from)) return formatParam(locale, value, 'time', { ...options, nowMs: from, word });
      return value === undefined ? whole : formatParam(locale, value, format, { ...options, word });
    });
  return {
    text,
    isTextKey,
    reasonText: (locale, reason, options = {}) => {
      const key = `reason.${reason.code}`;
      return isTextKey(key) ? text(locale, key, reason.params, options) : reason.code;
    },
  };
}

/** The sentences of reasons as one text: "Negadas 32/min ...; tudo no código 51.", or '' without one. */
export function joinReasons(sentences: readonly string[]): string {
  const joined = sentences.map((sentence) => sentence.replace(/\.$/, '')).join('; ');
  return joined === '' ? '' : `${joined.slice(0, 1).toUpperCase()}${joined.slice(1)}.`;
}

/** Amounts in short, e.g. `~R$ 12,4 mil`, `~R$ 162`; several currencies with a plus between them; '' for none. */
export function moneyText(locale: Locale, amounts: readonly Money[]): string {
  const texts = amounts.map(({ currency, amount }) => {
    const [minimumFractionDigits, maximumFractionDigits] = Math.abs(amount) < 10 ? [2, 2] : Math.abs(amount) < 999.5 ? [0, 0] : [0, 1];
    const digits = { minimumFractionDigits, maximumFractionDigits };
    return numberFormat(locale, `money ${currency} ${maximumFractionDigits}`, {
      style: 'currency',
      currency,
      notation: 'compact',
      ...digits,
    }).format(amount);
  });
  return texts.length === 0 ? '' : `~${texts.join(' + ').replaceAll('\u00a0', ' ')}`;
}

/** The first of the wanted languages that we have; `header` is an `Accept-Language` value. */
export function chooseLocale<Fallback extends Locale | null>(header: string | undefined, fallback: Fallback): Locale | Fallback {
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const tag = part.split(';')[0]?.trim() ?? '';
    if (tag === 'pt' || tag.startsWith('pt-')) return 'pt-BR';
    if (tag === 'en' || tag.startsWith('en-')) return 'en';
  }
  return fallback;
}

/** A number with more digits than anybody reads. */
const UNREADABLE = 1e15;

const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function numberFormat(locale: Locale, name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${name}`;
  let format = numberFormats.get(key);
  if (format === undefined) numberFormats.set(key, (format = new Intl.NumberFormat(locale, options)));
  return format;
}

/** `time`: hour and minute; `day`: with the day before them; `year`: with the day and its year. */
type TimeDetail = 'time' | 'day' | 'year';

function dateFormat(locale: Locale, detail: TimeDetail, timeZone: string): Intl.DateTimeFormat {
  const key = `${locale} ${detail} ${timeZone}`;
  let format = dateFormats.get(key);
  if (format === undefined) {
    const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone };
    // Readers of English do not agree on 01/11.
    const day: Intl.DateTimeFormatOptions = { ...time, day: '2-digit', month: locale === 'en' ? 'short' : '2-digit' };
    const options = { time, day, year: { ...day, year: 'numeric' } as const };
    format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, options[detail]);
    dateFormats.set(key, format);
  }
  return format;
}

/** The day of a moment in a zone, year first: "2026-11-29". */
const localDay = (at: number, timeZone: string): string => {
  const [day = '', month = '', year = ''] = dateFormat('pt-BR', 'year', timeZone).format(at).slice(0, 10).split('/');
  return `${year}-${month}-${day}`;
};

/** The least that names a moment to a reader whose now is `nowMs`: the time of day on the same day, the day in the same year, else the
 *  year too. A reader without a now may read it years later. */
export function timeDetail(at: number, nowMs: number | undefined, timeZone: string, wanted: 'time' | 'datetime' = 'time'): TimeDetail {
  if (nowMs === undefined) return wanted === 'time' ? 'time' : 'year';
  const [day, today] = [localDay(at, timeZone), localDay(nowMs, timeZone)];
  if (day === today) return wanted === 'time' ? 'time' : 'day';
  return day.slice(0, -6) === today.slice(0, -6) ? 'day' : 'year';
}

/** A moment in words: "17:09", "12/07, 17:09" of another day, "12/07/2025, 17:09" of another year. Times: epoch milliseconds. */
export const momentText = (
  locale: Locale,
  at: number,
  { timeZone = DEFAULT_ZONE, nowMs }: TextOptions,
  wanted?: 'time' | 'datetime',
): string => dateFormat(locale, timeDetail(at, nowMs, timeZone, wanted), timeZone).format(at);

/** When something was or will be, with its preposition: "às 17:09", "em 12/07 às 17:09"; "at 17:09", "on 12 Jul at 17:09". */
export function atText(locale: Locale, at: number, options: TextOptions): string {
  const moment = momentText(locale, at, options);
  const [time = '', day] = moment.split(', ').toReversed();
  const [on, before] = locale === 'en' ? ['on', 'at'] : ['em', 'às'];
  return day === undefined ? `${before} ${time}` : `${on} ${day} ${before} ${time}`;
}

interface FormatOptions extends TextOptions {
  /** A text of the catalogue as it stands, when it has the key. */
  readonly word: (locale: Locale, key: string) => string | undefined;
}

const EXIT = /^exit code (\d+)$/;

/** A text with the format of a name: a part of the program, a failure, how a process ended. As it is without a word for it. */
function wordOf(locale: Locale, value: string, format: string | undefined, { word }: FormatOptions): string {
  if (format === 'failure') return word(locale, `reason.${value}`) ?? value;
  if (format === 'state') return word(locale, `health.state.${value}`) ?? value;
  if (format === 'role') {
    const names = value.split(', ').map((name) => word(locale, `role.${name}`) ?? name);
    return new Intl.ListFormat(locale, { type: 'disjunction' }).format(names);
  }
  if (format === 'part')
    return value
      .split(', ')
      .map((name) => partName(locale, name, word))
      .join(', ');
  const code = format === 'end' ? EXIT.exec(value)?.[1] : undefined;
  return code === undefined ? value : (word(locale, 'health.end.exit')?.replace('{code}', code) ?? value);
}

/** The name of a part of the program: `receiver:ops` is "receiver ops". As it is without a word for it. */
function partName(locale: Locale, name: string, word: FormatOptions['word']): string {
  const [kind = '', ...rest] = name.split(':');
  return word(locale, `health.part.${kind}`)?.replace('{name}', rest.join(':')) ?? name;
}

/** "3d 4h 12m", "4h 12m", "12m 5s" or "5s". */
export function spanText(totalSeconds: number): string {
  const parts = [
    [Math.floor(totalSeconds / 86_400), 'd'],
    [Math.floor(totalSeconds / 3600) % 24, 'h'],
    [Math.floor(totalSeconds / 60) % 60, 'm'],
    [Math.floor(totalSeconds) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + (first === 0 ? 3 : 2))
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}

function formatParam(locale: Locale, value: string | number, format: string | undefined, options: FormatOptions): string {
  if (format === 'time' || format === 'datetime' || format === 'at') {
    if (options.iso === true) return String(value);
    const date = new Date(value);
    if (Number.isNaN(date.getTime())) return String(value);
    return format === 'at' ? atText(locale, date.getTime(), options) : momentText(locale, date.getTime(), options, format);
  }
  if (format === 'status') return options.word(locale, `transaction.status.${value}`) ?? String(value);
  const choice = format === undefined ? null : WORD_CHOICE.exec(format);
  if (choice !== null) return (value === choice[1] ? choice[2] : choice[3]) ?? '';
  if (format === 'type' || format === 'anomaly') {
    const key = format === 'type' ? `problem.type.${value}` : `anomaly.type.${value}`;
    return options.word(locale, key) ?? String(value);
  }
  if (typeof value !== 'number') return wordOf(locale, value, format, options);
  if (format === 'span') return spanText(value);
  if (options.iso === true && format !== 'pct' && !format?.includes('|'))
    return /^\d$/.test(format ?? '') ? value.toFixed(Number(format)) : String(value);
  if (Math.abs(value) >= UNREADABLE) return numberFormat(locale, 'scientific', { notation: 'scientific' }).format(value);
  if (format === undefined) return numberFormat(locale, 'plain', { maximumFractionDigits: 1 }).format(value);
  if (format.includes('|')) {
    const [one = '', many = ''] = format.split('|');
    // "0 alertas ativos": the rule of Portuguese makes one of zero, which nobody writes.
    return value !== 0 && new Intl.PluralRules(locale).select(value) === 'one' ? one : many;
  }
  if (format === 'pct') return numberFormat(locale, 'pct', { style: 'percent', maximumFractionDigits: 1 }).format(value);
  if (format === 'signed') return numberFormat(locale, 'signed', { signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format(value);
  const digits = Number(format);
  if (!Number.isInteger(digits) || digits < 0 || digits > 9) return String(value);
  return numberFormat(locale, `fixed ${digits}`, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}
