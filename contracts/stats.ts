import { Type, type Static } from 'typebox';
import { ANOMALY_TYPES, SEVERITIES } from './anomaly-type.ts';

/** How the stream stands against the wall clock. `live`: at most a few minutes behind; `replay`: event time is in the
 *  past and moves with the data; `stalled`: it was live and nothing comes any more; `empty`: nothing ever came. */
export const StreamState = Type.Enum(['empty', 'live', 'replay', 'stalled']);

/** `GET /stats`. Field names without a unit are those of the first version and stay. */
export const Stats = Type.Object(
  {
    transactions_per_minute: Type.Number({ description: 'Mean of the last 5 closed minutes.' }),
    approval_rate: Type.Union([Type.Number({ minimum: 0, maximum: 100, description: 'Percent, last 60 closed minutes.' }), Type.Null()]),
    anomalies_last_hour: Type.Integer(),
    active_alerts: Type.Integer({
      description:
        'Alerts that fire and that nothing hides, without warnings before the threshold (`drift_warning`): nothing is broken yet.',
    }),
    held_alerts: Type.Integer({
      description: 'Alerts that fire and notify nobody, because they are snoozed, silenced, or the consequence of another one.',
    }),
    open_incidents: Type.Integer({ description: 'Incidents that are not resolved.' }),
    open_anomalies: Type.Integer(),
    transactions_last_hour: Type.Integer(),
    last_minute: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Last closed minute, event time: of a stream that has stopped it may be empty.',
    }),
    last_transaction_minute: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Newest closed minute with transactions, event time; null before the first.',
    }),
    stream: StreamState,
    stream_now: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Event time that "last hour" is counted back from.',
    }),
    learning: Type.Boolean({ description: 'The detector has not yet seen enough of the fleet.' }),
    lag_records: Type.Integer({ description: 'Accepted records that are not yet counted.' }),
    spool: Type.Optional(
      Type.Object(
        { records: Type.Integer(), bytes: Type.Integer(), oldest_seconds: Type.Integer({ description: 'Age of the oldest of them.' }) },
        {
          description:
            'Only with the log on Kafka: accepted records that the process which answers holds on its disk, because the brokers are away. `lag_records` has them too.',
        },
      ),
    ),
    lag_minutes: Type.Integer({ description: 'Closed minutes, in event time, that are not yet judged.' }),
    judged: Type.Enum(['nothing', 'current', 'catching_up', 'behind'], {
      description:
        'Whether the detector has judged what came. `behind`: something has waited longer than `detect.behind_after_minutes`. Anything but `current`: no alert does not mean that nothing is wrong.',
    }),
    judged_until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'End of the newest judged minute, event time; null before the first.',
    }),
    minutes_behind: Type.Integer({ minimum: 0, description: 'Minutes of event time after `judged_until` that wait to be judged.' }),
    by_status: Type.Record(Type.String(), Type.Integer(), { description: 'Last 60 closed minutes.' }),
    demo_speed: Type.Optional(
      Type.Number({
        description: 'Only of a demonstration: minutes of invented traffic in a minute; 1 once it has caught up with the clock.',
      }),
    ),
    last_incident_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    time_zone: Type.Optional(Type.String({ description: 'IANA zone that operators read times in.' })),
    locale: Type.Optional(
      Type.Enum(['pt-BR', 'en'], {
        description: "Language that was configured (`locale`); absent when it was not: then a reader's own language comes first.",
      }),
    ),
  },
  { title: 'Stats' },
);
export type Stats = Static<typeof Stats>;

/** What happened to a file of the log or to the database. `damaged`: it could not be read and was quarantined; `replaced`: it was
 *  not there, or another one was; `shorter`: an older copy of it; `repaired`: `guardian repair` saved what could be read;
 *  `rebuilt`: rebuilt from the log. `again`: messages published again. `lost`: records that nobody can rebuild, at least;
 *  null where nobody knows. */
export const DataLoss = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    part: Type.Enum(['log', 'database']),
    topic: Type.Optional(Type.String()),
    why: Type.Enum(['damaged', 'replaced', 'shorter', 'repaired', 'rebuilt']),
    again: Type.Optional(Type.Integer()),
    lost: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    aside: Type.Optional(Type.String({ description: 'Where the file is now.' })),
  },
  { title: 'DataLoss' },
);
export type DataLoss = Static<typeof DataLoss>;

/** One process that the supervisor of `processes` keeps running. */
export const SupervisedProcess = Type.Object(
  {
    name: Type.String({ description: '`detect`, or `window.2`.' }),
    role: Type.String(),
    phase: Type.Enum(['starting', 'running', 'waiting', 'stopping', 'stopped'], {
      description: '`waiting`: it ended, and is started again after a pause.',
    }),
    pid: Type.Union([Type.Integer(), Type.Null()]),
    restarts: Type.Integer({ description: 'How often it was started again, also when somebody asked for that.' }),
    ends: Type.Integer({ description: 'How often it ended by itself within the last ten minutes.' }),
    last_end: Type.Union([Type.String(), Type.Null()], { description: 'How it ended last by itself, such as `exit code 1` or `SIGKILL`.' }),
    failing: Type.Boolean({ description: 'It ended by itself three times or more within ten minutes.' }),
  },
  { title: 'SupervisedProcess' },
);
export type SupervisedProcess = Static<typeof SupervisedProcess>;

const FACT = {
  code: Type.String({ description: 'As `failure_refused`, `part_spooled`, `self_disk_low`.' }),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
};

/** Why a part of the program is as it is; `cause`: why that is. */
const HealthReasonView = Type.Object({ ...FACT, cause: Type.Optional(Type.Object(FACT)) }, { title: 'HealthReason' });

/** `GET /health`. */
export const Health = Type.Object(
  {
    status: Type.Enum(['healthy', 'starting', 'degraded', 'unhealthy'], {
      description: '`starting`: transactions are accepted, but nothing is judged or shown yet.',
    }),
    uptime: Type.String({ description: 'Human, e.g. "3d 4h 12m".' }),
    uptime_seconds: Type.Number(),
    version: Type.String(),
    checks: Type.Record(
      Type.String(),
      Type.Object({
        status: Type.Enum(['ok', 'starting', 'degraded', 'down']),
        detail: Type.Optional(Type.String({ description: 'The reasons as one English sentence.' })),
        reasons: Type.Optional(
          Type.Array(HealthReasonView, { description: 'Why, as codes with parameters; texts for people are made of them.' }),
        ),
        losses: Type.Optional(Type.Array(DataLoss, { description: 'Only of `data`: what happened in the last 24 hours, oldest first.' })),
      }),
    ),
    processes: Type.Optional(
      Type.Array(SupervisedProcess, { description: 'Only under a supervisor (`processes`): those of the machine of this API.' }),
    ),
  },
  { title: 'Health' },
);
export type Health = Static<typeof Health>;

/** One minute of the chart: counts by status, and the band of the series that is drawn. */
export const SeriesPoint = Type.Object(
  {
    minute: Type.String({ format: 'date-time' }),
    state: Type.Enum(['observed', 'zero', 'silent', 'incomplete']),
    total: Type.Integer(),
    by_status: Type.Record(Type.String(), Type.Integer()),
    expected: Type.Union([Type.Number(), Type.Null()]),
    expected_low: Type.Union([Type.Number(), Type.Null()]),
    expected_high: Type.Union([Type.Number(), Type.Null()]),
    ml_score: Type.Union([Type.Number(), Type.Null()]),
    z_score: Type.Union([Type.Number(), Type.Null()]),
  },
  { title: 'SeriesPoint' },
);
export type SeriesPoint = Static<typeof SeriesPoint>;

/** One row of the merchant table, last 60 closed minutes, worst first. */
export const MerchantRow = Type.Object(
  {
    merchant_id: Type.String(),
    transactions: Type.Integer(),
    approval_rate: Type.Union([Type.Number(), Type.Null()]),
    failed: Type.Integer(),
    denied: Type.Integer(),
    reversed: Type.Integer(),
    open_anomalies: Type.Integer(),
    worst_type: Type.Union([Type.Enum([...ANOMALY_TYPES]), Type.Null()]),
    worst_severity: Type.Union([Type.Enum([...SEVERITIES]), Type.Null()]),
    trouble: Type.Number({ description: 'Sort key: 0 is healthy.' }),
  },
  { title: 'MerchantRow' },
);
export type MerchantRow = Static<typeof MerchantRow>;
