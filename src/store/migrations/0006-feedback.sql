-- What people say of anomalies. Rows are added and ended, never changed otherwise, so that it stays known who said what
-- and when. Times are epoch milliseconds: `minute` event time, `given_at` and `ended_at` our clock.

create table feedback (
  -- Place in the order of all verdicts and of their endings.
  number       bigint primary key,
  anomaly_id   text not null,
  given_by     text not null,
  verdict      text not null check (verdict in ('useful', 'noise', 'accept_level')),
  comment      text,
  -- Canonical key of the judged node, and of the group of series whose bar moves.
  node         text not null,
  node_group   text not null,
  -- The anomaly as it was judged: what the detector is told.
  anomaly      jsonb not null,
  given_at     bigint not null,
  -- Last closed minute: from there on the verdict counts.
  minute       bigint not null,
  -- All null while it is in force.
  ended_number bigint,
  ended_how    text check (ended_how in ('replaced', 'withdrawn', 'reset')),
  ended_by     text,
  ended_at     bigint,
  ended_minute bigint
);
create unique index feedback_in_force on feedback (anomaly_id, given_by) where ended_number is null;
create index feedback_ended on feedback (ended_number) where ended_number is not null;
