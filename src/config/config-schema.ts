import { Type, type Static, type TObject, type TProperties } from 'typebox';
import { Person } from '@transaction-guardian/contracts/person.ts';
import { WebhookReceiver } from '../alert/notify/webhook/config.ts';
import { SeveritySchema } from './severity-schema.ts';

/** A section of the configuration: unknown settings are refused. */
const section = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false });

const port = (description: string, value: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: value, description });

/** The whole configuration. Durations carry their unit in the name. Weakest first: defaults, file, environment, flags. */
export const ConfigSchema = section({
  locale: Type.Enum(['pt-BR', 'en'], {
    default: 'pt-BR',
    description: 'Language of everything that operators read. When it is not set, the console speaks the language of the browser.',
  }),
  time_zone: Type.String({
    default: 'America/Sao_Paulo',
    description: 'IANA zone of daily curves, of shifts and of timestamps without an offset.',
  }),
  data_dir: Type.String({ default: '.guardian', description: 'Where the log, the database and the secrets live.' }),
  log: section({
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { default: 'info' }),
    pretty: Type.Boolean({ default: false, description: 'For people instead of JSON.' }),
  }),
  http: section({
    host: Type.String({ default: '127.0.0.1' }),
    port: port('Port of the API and the console; 0 takes a free one.', 8001),
    trust_local: Type.Boolean({
      default: true,
      description: 'Programs on this machine need no session; switch it off behind a proxy or a tunnel that adds no forwarding header.',
    }),
    max_body_bytes: Type.Integer({ minimum: 1024, default: 1_048_576, description: 'Largest body of a non-streaming request.' }),
    max_line_bytes: Type.Integer({ minimum: 256, default: 65_536, description: 'Longest NDJSON or CSV line.' }),
    request_timeout_ms: Type.Integer({ minimum: 100, default: 30_000 }),
  }),
  ingest: section({
    max_future_s: Type.Integer({ minimum: 0, default: 300, description: 'How far ahead of our clock an event may be.' }),
    max_age_days: Type.Integer({
      minimum: 1,
      default: 800,
      description: 'How old an event may be; no older than `store.count_retention_days`, since those counts are deleted.',
    }),
    max_pending_records: Type.Integer({
      minimum: 1000,
      default: 200_000,
      description: 'Records waiting for the disk before new ones are answered 503.',
    }),
  }),
  bus: section({
    engine: Type.Enum(['embedded'], { default: 'embedded' }),
    partitions: Type.Integer({ minimum: 1, maximum: 64, default: 1, description: 'Partitions of guardian.transactions.' }),
    retention_hours: Type.Integer({
      minimum: 1,
      default: 168,
      description: 'How long the log keeps records; those that are not counted yet stay longer.',
    }),
    retention_bytes: Type.Integer({
      minimum: 1_048_576,
      default: 10_737_418_240,
      description: 'Most bytes of transactions in the log. When it is full of uncounted ones, new ones are answered 503.',
    }),
    retention_derived_bytes: Type.Integer({
      minimum: 1_048_576,
      default: 5_368_709_120,
      description: 'Most bytes of windows, anomalies, alerts and dead letters together.',
    }),
  }),
  store: section({
    engine: Type.Enum(['pglite'], { default: 'pglite' }),
    max_bytes: Type.Integer({
      minimum: 0,
      default: 21_474_836_480,
      description:
        'Most bytes of the database without its write-ahead log; 0: no cap. Above it the oldest raw transactions go before their retention; counts, anomalies and alerts stay.',
    }),
    engine_memory_bytes: Type.Integer({
      minimum: 0,
      default: 201_326_592,
      description:
        'Memory of the database engine from which it is closed and opened again, because it gives none back: in a quiet minute, or after an hour above it. It takes about a second, in which transactions are accepted and reads wait. 0: never.',
    }),
    raw_retention_days: Type.Integer({ minimum: 1, default: 30, description: 'Single transactions; a repeat is recognised this long.' }),
    score_retention_days: Type.Integer({ minimum: 1, default: 90, description: 'Scores of minutes: what charts show as expected.' }),
    count_retention_days: Type.Integer({
      minimum: 1,
      default: 800,
      description: 'Counts by minute, and anomalies and alerts that are over, back from the newest minute of the stream.',
    }),
    notification_retention_days: Type.Integer({
      minimum: 1,
      default: 90,
      description: 'Messages that were sent, and what their receivers knew.',
    }),
  }),
  window: section({
    late_s: Type.Integer({
      minimum: 0,
      maximum: 3600,
      default: 90,
      description: 'How long a minute waits for late records before it is closed, at most.',
    }),
    early_close: Type.Boolean({
      default: true,
      description:
        'A live minute waits only as long as its records usually need (learnt), at most late_s; later ones correct it. Needs one partition.',
    }),
    max_gap_minutes: Type.Integer({
      minimum: 1,
      default: 1440,
      description: 'A longer hole in event time is a pause of the stream, not silence.',
    }),
    live_within_s: Type.Integer({
      minimum: 60,
      default: 600,
      description: 'Event time this close to our clock is live: then silence closes minutes too.',
    }),
  }),
  detect: section({
    model: Type.Optional(Type.String({ description: 'Isolation Forest file; default: the one that ships with the program.' })),
    snapshot_every_minutes: Type.Integer({ minimum: 1, default: 30 }),
    behind_after_minutes: Type.Number({
      minimum: 1,
      default: 3,
      description:
        'When a record or a closed minute has waited this long to be judged, the detector is behind: `/health` is degraded, `detector_behind` is raised.',
    }),
    severity: SeveritySchema,
    holidays: section({
      country: Type.String({
        pattern: '^(none|[A-Z]{2})$',
        default: 'BR',
        description: 'Country of the calendar of holidays, which have a daily curve of their own; `none`: no calendar.',
      }),
      region: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{1,3}$', description: 'State, whose holidays come on top, such as SP.' })),
      types: Type.Array(Type.Enum(['public', 'bank', 'optional', 'school', 'observance']), {
        default: ['public', 'bank', 'optional'],
        description: 'Kinds of holidays of the calendar. In Brazil, Carnival and Corpus Christi are `bank`, Ash Wednesday is `optional`.',
      }),
      dates: Type.Array(Type.String({ pattern: String.raw`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$` }), {
        default: [],
        description: 'Further dates (`YYYY-MM-DD`), such as those of a city.',
      }),
    }),
  }),
  alert: section({
    group_wait_s: Type.Number({ minimum: 0, default: 5, description: 'Wait for more alerts of the same cause before the first message.' }),
    group_interval_s: Type.Number({ minimum: 0.1, default: 60, description: 'Between messages about a group that changed.' }),
    repeat_interval_s: Type.Number({ minimum: 1, default: 3600, description: 'Between messages about a group that did not change.' }),
    receivers: Type.Array(WebhookReceiver, { default: [] }),
    external_url: Type.Optional(Type.String({ description: 'Address of the console in messages; default: where it listens.' })),
    runbook_url: Type.Optional(
      Type.String({
        description: 'Where the runbooks are, before their names, in messages; default: `/runbooks` under `alert.external_url`.',
        examples: ['https://wiki.example.com/guardian'],
      }),
    ),
  }),
  people: Type.Array(Person, {
    default: [],
    description: 'Who may look and act, by role and identity. Read at start: a change needs a restart.',
  }),
  watchdog: section({
    still_s: Type.Number({
      minimum: 1,
      default: 30,
      description: 'Detection that does not get on for so long is told: `/health` answers 503 and the receivers get an alert.',
    }),
    restart_s: Type.Number({
      minimum: 2,
      default: 60,
      description: 'A pipeline thread that does not get on for so long is ended and started again.',
    }),
  }),
  stop_deadline_s: Type.Number({ minimum: 1, default: 20, description: 'Longest graceful stop.' }),
});

export type Config = Static<typeof ConfigSchema>;
