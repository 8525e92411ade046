import type { Locale } from '@transaction-guardian/contracts/text/text.ts';

/** Topics of the stream, in the order in which an event id holds their offsets. */
export const STREAM_TOPICS = ['windows', 'anomalies', 'alerts'] as const;
export type StreamTopic = (typeof STREAM_TOPICS)[number];

/** Next offset to read of each topic: what an event id says. */
export type StreamCursor = Readonly<Record<StreamTopic, number>>;

/** One event as it came from the bus. `data`: its JSON in a language. */
export interface StreamEntry {
  readonly topic: StreamTopic;
  readonly offset: number;
  readonly event: 'window' | 'feedback' | 'anomaly' | 'alert';
  readonly data: (locale: Locale) => string;
  /** The minute of a window, epoch milliseconds. */
  readonly minute: number | null;
}

/** The newest events, in the order in which they were read, for clients that come back. */
export interface StreamRing {
  /** Where a topic begins, before its first entry. */
  begin(topic: StreamTopic, offset: number): void;
  push(entry: StreamEntry): void;
  /** The cursor after everything that was pushed. */
  readonly cursor: StreamCursor;
  /** What a client that stands at `cursor` has missed, in order; null when part of it is gone (or never was). */
  since(cursor: StreamCursor): readonly StreamEntry[] | null;
}

/** Text of a cursor: the id of an event. */
export function formatCursor(cursor: StreamCursor): string {
  return STREAM_TOPICS.map((topic) => cursor[topic]).join('.');
}

/** Reads an event id; null when it is none of ours. */
export function parseCursor(id: string): StreamCursor | null {
  const match = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(id.trim());
  return match === null ? null : { windows: Number(match[1]), anomalies: Number(match[2]), alerts: Number(match[3]) };
}

/** Makes a ring of `capacity` entries. */
export function createStreamRing(capacity: number): StreamRing {
  const entries: StreamEntry[] = [];
  const earliest: Record<StreamTopic, number> = { windows: 0, anomalies: 0, alerts: 0 };
  const next: Record<StreamTopic, number> = { windows: 0, anomalies: 0, alerts: 0 };
  return {
    begin(topic, offset) {
      earliest[topic] = offset;
      next[topic] = offset;
    },
    push(entry) {
      entries.push(entry);
      next[entry.topic] = entry.offset + 1;
      if (entries.length <= capacity) return;
      const dropped = entries.shift();
      if (dropped !== undefined) earliest[dropped.topic] = dropped.offset + 1;
    },
    get cursor() {
      return { ...next };
    },
    since(cursor) {
      const isKept = STREAM_TOPICS.every((topic) => cursor[topic] >= earliest[topic] && cursor[topic] <= next[topic]);
      return isKept ? entries.filter((entry) => entry.offset >= cursor[entry.topic]) : null;
    },
  };
}
