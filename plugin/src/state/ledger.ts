import type { IncomingAlert } from '../payload.ts';
import type { StateFile } from './state-file.ts';

/** One alert as a message has told it. */
export interface ToldAlert {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: string;
}

/** Whether it is the same state of the same alert. */
export const isSameState =
  ({ fingerprint, status, startsAt }: ToldAlert) =>
  (other: ToldAlert): boolean =>
    other.fingerprint === fingerprint && other.status === status && Date.parse(other.startsAt) === Date.parse(startsAt);

/** The alerts of a group as a message tells them. */
export const toldOf = (alerts: readonly IncomingAlert[]): ToldAlert[] =>
  alerts.map(({ fingerprint, status, startsAt }) => ({ fingerprint, status, startsAt }));

/** A message that was sent about a group. */
export interface Told {
  /** Names it in reply codes and buttons; unique in its chat. */
  readonly number: number;
  /** `telegram:777`. */
  readonly chat: string;
  readonly groupKey: string;
  /** Null where the channel gave none. */
  readonly messageId: string | null;
  /** The message is about other groups too. */
  readonly isShared: boolean;
  /** Its title says that it may be a repetition of one that stands above it. */
  readonly mayRepeat?: true;
  readonly alerts: readonly ToldAlert[];
  /** `x-guardian-notification` of what was told last; '' from Alertmanager. */
  readonly notification: string;
  /** Epoch milliseconds of the last thing that made a sound. */
  readonly at: number;
}

/** What was told to whom. Survives restarts of the gateway. */
export interface Ledger {
  /** Whether a chat was told of this state of an alert. */
  isTold(chat: string, alert: ToldAlert): boolean;
  /** The last message about a group. */
  last(chat: string, groupKey: string): Told | undefined;
  /** The last message that told a chat of this state of an alert, in whichever group. */
  telling(chat: string, alert: ToldAlert): Told | undefined;
  byNumber(chat: string, number: number): Told | undefined;
  byMessage(chat: string, messageId: string): Told | undefined;
  /** The number that the next message of a chat gets. */
  nextNumber(chat: string): number;
  /** No new message gets this number soon. */
  reserve(chat: string, number: number): void;
  /** Says what a message is about before it is sent: somebody may tap it before its channel has answered. Not kept on disk. */
  announce(told: Told): void;
  /** Notes a message, in the place of one with its number; resolves once it is on disk. One that waits for its id keeps its turn. */
  note(told: Told, alerts: readonly ToldAlert[]): Promise<void>;
  /** Takes a note back: its message never came. Resolves once that is on disk. */
  forget(told: Pick<Told, 'chat' | 'number' | 'groupKey' | 'alerts'>): Promise<void>;
}

const KEPT_MESSAGES = 1500;
const KEPT_KEYS = 20_000;
const VERSION = 1;

interface Stored {
  readonly version: typeof VERSION;
  readonly told: readonly Told[];
  readonly keys: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
}

/** One state of one alert: the same cause that begins again, or ends, is another one. */
const keyOf = (chat: string, { fingerprint, status, startsAt }: ToldAlert): string =>
  `${chat} ${fingerprint} ${status} ${Date.parse(startsAt)}`;

/** `onError`: a write failed. What was notified is still known until the gateway ends: a full disk must not make every page come
 *  again. */
export async function openLedger(file: StateFile, onError: (error: unknown) => void): Promise<Ledger> {
  const stored = (await file.read()) as Stored | undefined;
  const known = stored?.version === VERSION ? stored : { told: [], keys: [], numbers: {} };
  let told: Told[] = [...known.told];
  const keys = new Set(known.keys);
  const numbers = new Map(Object.entries(known.numbers));
  const announced = new Map<string, Told>();
  const value = (): Stored => ({ version: VERSION, told, keys: [...keys], numbers: Object.fromEntries(numbers) });

  return {
    isTold: (chat, alert) => keys.has(keyOf(chat, alert)),
    last: (chat, groupKey) => told.findLast((one) => one.chat === chat && one.groupKey === groupKey),
    telling: (chat, alert) => told.findLast((one) => one.chat === chat && one.alerts.some(isSameState(alert))),
    byNumber: (chat, number) => announced.get(`${chat} ${number}`) ?? told.findLast((one) => one.chat === chat && one.number === number),
    byMessage: (chat, messageId) => told.findLast((one) => one.chat === chat && one.messageId === messageId),
    nextNumber(chat) {
      // Two digits are easy to type; a number comes again when its message is long past.
      const number = ((numbers.get(chat) ?? 0) % 999) + 1;
      numbers.set(chat, number);
      return number;
    },
    reserve(chat, number) {
      numbers.set(chat, Math.max(numbers.get(chat) ?? 0, number));
    },
    announce(one) {
      announced.set(`${one.chat} ${one.number}`, one);
    },
    note(one, alerts) {
      announced.delete(`${one.chat} ${one.number}`);
      const isSame = ({ chat, number, groupKey }: Told): boolean => chat === one.chat && number === one.number && groupKey === one.groupKey;
      // A message whose id comes later stays behind what was said since.
      const waits = told.findIndex((other) => isSame(other) && other.messageId === null);
      told = waits === -1 ? [...told.filter((other) => !isSame(other)), one].slice(-KEPT_MESSAGES) : told.with(waits, one);
      for (const alert of alerts) keys.add(keyOf(one.chat, alert));
      for (const key of keys) {
        if (keys.size <= KEPT_KEYS) break;
        keys.delete(key);
      }
      return file.write(value).catch(onError);
    },
    forget({ chat, number, groupKey, alerts }) {
      told = told.filter((one) => one.chat !== chat || one.number !== number || one.groupKey !== groupKey);
      for (const alert of alerts) keys.delete(keyOf(chat, alert));
      return file.write(value).catch(onError);
    },
  };
}
