import { Type, type Static, type TObject, type TProperties } from 'typebox';
import { EscalationPolicy } from '@transaction-guardian/contracts/escalation.ts';
import { OnCallSchedule } from '@transaction-guardian/contracts/oncall.ts';
import { TIME_OF_DAY_PATTERN } from '@transaction-guardian/contracts/pattern.ts';
import { Person } from '@transaction-guardian/contracts/person.ts';
import { AlertmanagerTarget } from '../alertmanager/config.ts';
import { InhibitRule } from '../alert/inhibit/config.ts';
import { Route } from '../alert/route/config.ts';
import { ReceiverSchema } from '../alert/notify/receiver-schema.ts';
import { AccessSchema } from './access-schema.ts';
import { KafkaSection } from './kafka-section.ts';
import { ProbeSchema } from './probe-schema.ts';
import { ProcessesSchema } from './process-list.ts';
import { RedisSchema } from './redis-schema.ts';
import { MERCHANTS } from './shards-schema.ts';
import { SeveritySchema } from './severity-schema.ts';

/** A section of the configuration: unknown settings are refused. */
const section = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false });

const port = (description: string, value: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: value, description });

const postgresUrl = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, pattern: '^postgres(ql)?://', description, secret: true }));

/** The whole configuration. Durations carry their unit in the name. Weakest first: defaults, file, environment, flags. */
export const ConfigSchema = section({
  locale: Type.Enum(['pt-BR', 'en'], {
    default: 'pt-BR',
    description:
      'Language of all operator texts. If unset, the console uses the language of the browser, and commands that of the terminal (`LC_ALL`, `LC_MESSAGES`, `LANG`).',
  }),
  time_zone: Type.String({
    default: 'America/Sao_Paulo',
    description: 'IANA zone of daily curves, of shifts and of timestamps without an offset.',
  }),
  data_dir: Type.String({ default: '.guardian', description: 'Directory of the log, the database and the secrets.' }),
  processes: ProcessesSchema,
  log: section({
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { default: 'info' }),
    pretty: Type.Boolean({ default: false, description: 'Human-readable lines instead of JSON.' }),
  }),
  http: section({
    host: Type.String({ default: '127.0.0.1' }),
    port: port('Port of the API and the console; 0 takes a free one.', 8001),
    trust_local: Type.Boolean({
      default: true,
      description: 'Trust local programs without a session. Disable it behind a proxy or a tunnel that adds no forwarding header.',
    }),
    hosts: Type.Array(Type.String({ pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$', examples: ['guardian-api'] }), {
      default: [],
      description:
        'Further host names that requests may ask for, such as the name of a service in a cluster. `localhost`, `http.host`, the host of `alert.external_url` and IP addresses always work.',
    }),
    max_body_bytes: Type.Integer({ minimum: 1024, default: 1_048_576, description: 'Maximum body of a non-streaming request.' }),
    max_line_bytes: Type.Integer({ minimum: 256, default: 65_536, description: 'Maximum length of an NDJSON or CSV line.' }),
    request_timeout_ms: Type.Integer({ minimum: 100, default: 30_000 }),
  }),
  access: AccessSchema,
  probe: ProbeSchema,
  ingest: section({
    max_future_s: Type.Integer({ minimum: 0, default: 300, description: 'Maximum lead of event time over the wall clock.' }),
    max_age_days: Type.Integer({
      minimum: 1,
      default: 800,
      description: 'Maximum age of an event; at most `store.count_retention_days`, because older counts are deleted.',
    }),
    max_pending_records: Type.Integer({
      minimum: 1000,
      default: 200_000,
      description: 'Maximum number of records waiting for the disk; above it, requests are answered with 503.',
    }),
  }),
  bus: section({
    engine: Type.Enum(['embedded', 'kafka'], {
      default: 'embedded',
      description:
        'Log between the stages: `embedded` in the data directory, `kafka` on the brokers of `bus.kafka.brokers`. `kafka` needs `store.engine: postgres`.',
    }),
    partitions: Type.Integer({ minimum: 1, maximum: 64, default: 1, description: 'Partitions of guardian.transactions.' }),
    retention_hours: Type.Integer({
      minimum: 1,
      default: 168,
      description:
        'Retention of the log. Transactions are kept for `store.raw_retention_days` if that is longer; uncounted records are kept in any case.',
    }),
    retention_bytes: Type.Integer({
      minimum: 1_048_576,
      default: 21_474_836_480,
      description:
        'Maximum bytes of transactions in the log, as they are stored (compressed). Above it the oldest are deleted before their retention; their counts are kept. If all of them are uncounted, requests are answered with 503.',
    }),
    retention_derived_bytes: Type.Integer({
      minimum: 1_048_576,
      default: 5_368_709_120,
      description: 'Maximum bytes of windows, anomalies, alerts and dead letters together.',
    }),
    kafka: KafkaSection,
  }),
  store: section({
    engine: Type.Enum(['pglite', 'postgres'], {
      default: 'pglite',
      description:
        'Database: `pglite` in the data directory, `postgres` on the server at `store.url`. The log stays in the data directory.',
    }),
    url: postgresUrl(
      'Database on a PostgreSQL server (15 or newer), for `store.engine: postgres`: `postgres://user:password@host:5432/database?sslmode=verify-full`, with `sslrootcert`, `sslcert` and `sslkey` as in psql. One running guardian has it at a time.',
    ),
    migrate: Type.Enum(['auto', 'manual'], {
      default: 'auto',
      description:
        'Who brings the schema up to date: `auto` every start, `manual` only `guardian migrate up`; a start then refuses a schema that is not.',
    }),
    session_url: postgresUrl(
      'The same database for connections that keep locks, where `store.url` leads to a pool of connections in transaction mode (PgBouncer). Default: `store.url`.',
    ),
    connections: Type.Integer({ minimum: 2, maximum: 100, default: 10, description: 'Connections to the PostgreSQL server at most.' }),
    connect_timeout_s: Type.Number({
      exclusiveMinimum: 0,
      default: 10,
      description: 'Longest wait for a connection to the PostgreSQL server.',
    }),
    statement_timeout_s: Type.Number({ exclusiveMinimum: 0, default: 30, description: 'Longest statement on the PostgreSQL server.' }),
    lock_timeout_s: Type.Number({ exclusiveMinimum: 0, default: 10, description: 'Longest wait for a lock on the PostgreSQL server.' }),
    max_bytes: Type.Integer({
      minimum: 0,
      default: 21_474_836_480,
      description:
        'Maximum bytes of the database without its write-ahead log; 0 disables the limit. Above it the rows of raw transactions that an earlier version wrote are deleted before their retention; counts, anomalies and alerts are kept.',
    }),
    engine_memory_bytes: Type.Integer({
      minimum: 0,
      default: 201_326_592,
      description:
        'Memory of the database engine above which it is reopened, because it never releases memory: in an idle minute, or after an hour above the limit. It takes about a second, in which transactions are accepted and reads wait. 0: never.',
    }),
    raw_retention_days: Type.Integer({
      minimum: 1,
      default: 30,
      description: 'Retention of raw transactions, within `bus.retention_bytes`; duplicates are recognised for this long.',
    }),
    score_retention_days: Type.Integer({ minimum: 1, default: 90, description: 'Retention of scores: the expected values in charts.' }),
    count_retention_days: Type.Integer({
      minimum: 1,
      default: 800,
      description: 'Retention of counts, of resolved anomalies and of resolved alerts, relative to the newest minute of the stream.',
    }),
    notification_retention_days: Type.Integer({
      minimum: 1,
      default: 90,
      description: 'Retention of sent notifications and of the state of their receivers.',
    }),
  }),
  redis: RedisSchema,
  window: section({
    late_s: Type.Integer({
      minimum: 0,
      maximum: 3600,
      default: 90,
      description: 'Maximum time that a minute waits for late records before it closes.',
    }),
    early_close: Type.Boolean({
      default: true,
      description:
        'Close a live minute after the learnt arrival delay of its records, at most `late_s`; later records correct it. Needs one partition.',
    }),
    max_gap_minutes: Type.Integer({
      minimum: 1,
      default: 1440,
      description: 'A longer gap in event time is a pause of the stream, not silence.',
    }),
    live_within_s: Type.Integer({
      minimum: 60,
      default: 600,
      description: 'Maximum lag of event time behind the wall clock for a live stream; a live stream also closes minutes without records.',
    }),
  }),
  detect: section({
    model: Type.Optional(Type.String({ description: 'Isolation Forest file; default: the bundled model.' })),
    snapshot_every_minutes: Type.Integer({ minimum: 1, default: 30 }),
    ...MERCHANTS,
    behind_after_minutes: Type.Number({
      minimum: 1,
      default: 3,
      description:
        'A record or a closed minute that waits longer than this to be judged means that the detector is behind: `/health` is degraded and `detector_behind` fires.',
    }),
    severity: SeveritySchema,
    holidays: section({
      country: Type.String({
        pattern: '^(none|[A-Z]{2})$',
        default: 'BR',
        description: 'Country of the holiday calendar; holidays have their own daily curve. `none` disables it.',
      }),
      region: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{1,3}$', description: 'State whose holidays are added, such as SP.' })),
      types: Type.Array(Type.Enum(['public', 'bank', 'optional', 'school', 'observance']), {
        default: ['public', 'bank', 'optional'],
        description: 'Kinds of holidays of the calendar. In Brazil, Carnival and Corpus Christi are `bank`, Ash Wednesday is `optional`.',
      }),
      dates: Type.Array(Type.String({ pattern: String.raw`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$` }), {
        ...{ default: [], description: 'Additional dates (`YYYY-MM-DD`), such as municipal holidays.' },
      }),
    }),
  }),
  alert: section({
    group_wait_s: Type.Number({
      minimum: 0,
      default: 5,
      description: 'Delay before the first message of a group, to batch alerts of the same cause.',
    }),
    group_interval_s: Type.Number({
      minimum: 0.1,
      default: 60,
      description: 'Minimum interval between messages about a group that changed.',
    }),
    repeat_interval_s: Type.Number({
      minimum: 1,
      default: 3600,
      description: 'Interval between repeated messages about an unchanged group.',
    }),
    receipt_timeout_s: Type.Number({
      minimum: 1,
      default: 60,
      description:
        'A critical message of which nothing proves for so long that it arrived goes to the `backup` of its receiver, then the next step of the escalation is taken.',
    }),
    ack_timeout_s: Type.Number({
      minimum: 0,
      default: 1800,
      description: 'Timeout of an acknowledgement: an alert that still fires then notifies again; 0: none.',
    }),
    notifier: Type.Enum(['embedded', 'alertmanager'], {
      default: 'embedded',
      description:
        '`embedded`: alerts go to `alert.receivers`. `alertmanager`: they go to every one of `alert.alertmanagers`, which groups, routes, inhibits and repeats them; receivers get briefings, notices of silences, escalations and alerts about the program itself.',
    }),
    alertmanagers: Type.Array(AlertmanagerTarget, {
      default: [],
      description: 'Alertmanagers (API v2). Alerts and silences go to all of them, each of which may be down.',
    }),
    alertmanager_refresh_s: Type.Number({
      minimum: 1,
      default: 60,
      description: 'Interval at which alerts that fire are sent to Alertmanager again.',
    }),
    alertmanager_keep_alive_s: Type.Number({
      minimum: 60,
      default: 3600,
      description: 'Time after which Alertmanager resolves an alert that has not been sent again: nobody has judged since.',
    }),
    alertmanager_overdue_s: Type.Number({
      minimum: 1,
      default: 60,
      description: 'Alerts that no Alertmanager has taken for so long raise a self-alert at `alert.receivers`.',
    }),
    receivers: Type.Array(ReceiverSchema, { default: [], description: 'Who is notified, each by its channel: see below.' }),
    routes: Type.Array(Route, {
      default: [],
      description:
        'Routing of alerts to receivers: the first route whose matchers an alert meets, with `continue` the following ones too. An alert that no route matches goes to every receiver.',
    }),
    default_inhibit_rules: Type.Boolean({
      default: true,
      description: 'Built-in inhibition rules: an alert of the fleet, or of an acquirer, inhibits alerts of its parts with the same cause.',
    }),
    inhibit_rules: Type.Array(InhibitRule, {
      default: [],
      description:
        'Further inhibition rules: while an alert that meets `source_matchers` fires, alerts that meet `target_matchers` and have the same `equal` labels do not notify, unless they are more severe.',
    }),
    external_url: Type.Optional(Type.String({ description: 'Console URL used in messages; default: the listening address.' })),
    runbook_url: Type.Optional(
      Type.String({
        description: 'Base URL of the runbooks in messages; default: `/runbooks` under `alert.external_url`.',
        examples: ['https://wiki.example.com/guardian'],
      }),
    ),
  }),
  briefing: section({
    shifts: Type.Array(
      section({
        name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'Name of the shift in briefings.', examples: ['night'] }),
        start: Type.String({
          pattern: TIME_OF_DAY_PATTERN,
          examples: ['08:00'],
          description: 'Wall-clock time of `time_zone`.',
        }),
        end: Type.String({
          pattern: TIME_OF_DAY_PATTERN,
          examples: ['08:00'],
          description: 'At or before `start`: of the next day.',
        }),
      }),
      {
        default: [{ name: 'night', start: '00:00', end: '08:00' }],
        description: 'Shifts whose start and end have a briefing; none: no briefings.',
      },
    ),
    pages_budget: Type.Number({ minimum: 0, default: 2, description: 'Pages a shift that are meant to be enough.' }),
  }),
  incident: section({
    open_after_s: Type.Number({
      minimum: 0,
      default: 900,
      description: 'A critical alert that nobody has acknowledged for so long opens an incident by itself.',
    }),
    quiet_s: Type.Number({
      minimum: 0,
      default: 600,
      description: 'An incident that nobody has taken up is resolved so long after its last alert ended.',
    }),
    tracker_url: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: 'Where incidents are mirrored to as JSON: create, update and close; `user:password@` becomes basic credentials.',
        secret: 'url',
      }),
    ),
    tracker_token: Type.Optional(Type.String({ minLength: 1, description: 'Bearer token of the tracker.', secret: true })),
  }),
  people: Type.Array(Person, {
    default: [],
    description: 'Who may look and act, by role and identity. Read at start: a change needs a restart.',
  }),
  runbooks: section({
    directory: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Folder with your own runbooks; a file takes the place of one of the same name that ships.',
      }),
    ),
    variant: Type.Enum(['embedded', 'compose', 'kubernetes'], {
      default: 'embedded',
      description: 'How the server runs: which of the `restart-api` and `scale-workers` that ship fit.',
    }),
  }),
  oncall: section({
    schedules: Type.Array(OnCallSchedule, { default: [], description: 'Who is on call when: people in layers, by local time.' }),
    escalation: Type.Array(EscalationPolicy, {
      default: [],
      description: 'Who is notified, so long after an alert began that nobody has acknowledged, by severity.',
    }),
    quiet_hours: section({
      from: Type.Optional(
        Type.String({
          pattern: TIME_OF_DAY_PATTERN,
          examples: ['08:00'],
          description: 'With `until`: escalation of what can wait waits.',
        }),
      ),
      until: Type.Optional(
        Type.String({
          pattern: TIME_OF_DAY_PATTERN,
          examples: ['08:00'],
          description: 'At or before `from`: of the next day.',
        }),
      ),
      severities: Type.Array(Type.Enum(['critical', 'warning', 'info']), { default: ['warning', 'info'], description: 'What can wait.' }),
    }),
  }),
  canary: section({
    receivers: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Receivers, best quiet chats, that get a page for each test transaction that comes through: without its proof `/health` is degraded.',
    }),
    every_s: Type.Number({ minimum: 30, default: 900, description: 'Interval of the test transactions.' }),
  }),
  heartbeat: section({
    url: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: 'Address of a dead-man switch outside, such as healthchecks: it raises the alarm when no beat comes.',
        secret: 'url',
      }),
    ),
    every_s: Type.Number({ minimum: 1, default: 60, description: 'Interval of the beats.' }),
    method: Type.Enum(['GET', 'POST'], { default: 'GET' }),
    start: Type.Boolean({ default: false, description: 'Call the address with `/start` when the program starts.' }),
    fail: Type.Boolean({
      default: false,
      description: 'Call the address with `/fail` while the program makes no progress; else no beat is sent.',
    }),
  }),
  watchdog: section({
    still_s: Type.Number({
      minimum: 1,
      default: 30,
      description: 'Detection without progress for this long raises a self-alert: `/health` answers 503 and the receivers are notified.',
    }),
    restart_s: Type.Number({
      minimum: 2,
      default: 60,
      description: 'A pipeline thread without progress for this long is restarted.',
    }),
  }),
  stop_deadline_s: Type.Number({ minimum: 1, default: 20, description: 'Deadline of a graceful shutdown.' }),
});

export type Config = Static<typeof ConfigSchema>;
