import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { Delivery } from '@transaction-guardian/contracts/notification.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { text, type Locale, type TextKey, type TextParams } from '@transaction-guardian/contracts/text/text.ts';
import type { HeldElsewhere } from '../alertmanager/held.ts';
import type { DailyShift } from '../briefing/shift.ts';
import type { Clock } from '../clock.ts';
import type { ForecastQuery } from '../detect/forecast/forecast.ts';
import type { FleetMinutes } from '../read/fleet-minutes.ts';
import type { StatsReader } from '../read/stats-reader.ts';
import type { Database } from '../store/database.ts';
import type { LatencyMinute } from '../telemetry/latency-minutes.ts';
import type { Acts } from './acts.ts';
import type { PeriodResolver } from './period/resolve-period.ts';
import type { Talk } from './talk.ts';

/** What questions are answered from. */
export interface ChatData {
  readonly database: Database;
  readonly clock: Clock;
  readonly stats: StatsReader;
  readonly minutes: FleetMinutes;
  readonly health: () => Promise<Health> | Health;
  readonly forecast: (query: ForecastQuery) => Promise<Forecast | null>;
  /** Answers of the API in the last hour, minute by minute, oldest first. */
  readonly latency: () => readonly LatencyMinute[];
  /** What Alertmanager holds; absent where none is configured. */
  readonly heldElsewhere?: () => Promise<HeldElsewhere>;
  /** What is proven of the deliveries of each receiver. */
  readonly deliveries: () => Promise<Delivery['receivers']>;
  readonly timeZone: string;
  /** Shifts of the configuration. */
  readonly shifts: readonly DailyShift[];
}

/** Who writes, as far as the chat needs it. `locale` null: the language of the request. */
export interface ChatAuthor {
  readonly actor: Actor;
  readonly locale: Locale | null;
}

/** One line that is being answered. */
export interface Turn {
  readonly data: ChatData;
  readonly acts: Acts;
  readonly periods: PeriodResolver;
  readonly actor: Actor;
  /** The message that the line is of, and its place in it, from 1. */
  readonly message: ChatMessage;
  readonly line: number;
  readonly locale: Locale;
  readonly talk: Talk;
  /** Where the stream stands, from which periods are counted back: the wall clock while it is live. Epoch milliseconds. */
  readonly now: number;
  /** When the message first arrived, by the wall clock: what is to last for so long ends so long after it. */
  readonly at: number;
  /** A text `chat.<key>` or any other of the catalogue; times in the zone of the configuration. */
  readonly say: Say;
}

export type Say = (key: TextKey, params?: TextParams) => string;

/** The texts of one reader. `nowMs`: times of other days name their day. */
export function createSay(locale: Locale, timeZone: string, nowMs: number): Say {
  return (key, params = {}) => text(locale, key, params, { timeZone, nowMs });
}
