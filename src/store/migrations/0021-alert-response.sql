-- What people do about alerts. Times are epoch milliseconds of our clock, but for `alert_starts_at`, which is event time.

-- What keeps an alert that fires from notifying people, worked out from the tables below; '{}': nothing.
alter table alert add column state jsonb not null default '{}';

-- Acknowledgements and snoozes. One is about an anomaly, so that an alert that takes over from another keeps it; `severity`:
-- what was acknowledged or snoozed, which what is worse ends.
create table alert_response (
  id         bigint generated always as identity primary key,
  kind       text not null check (kind in ('acknowledge', 'snooze')),
  anomaly_id text not null,
  severity   text not null check (severity in ('critical', 'warning', 'info')),
  by_id      text not null,
  by_name    text not null,
  comment    text,
  at         bigint not null,
  -- Null: without a timeout.
  until      bigint,
  ended_at   bigint,
  ended_how  text check (ended_how in ('withdrawn', 'replaced', 'timeout', 'worse', 'resolved')),
  ended_by   text
);
-- Of two people at once one is first.
create unique index alert_response_in_force on alert_response (anomaly_id, kind) where ended_at is null;
create index alert_response_due on alert_response (until) where ended_at is null;

create table maintenance (
  id           text primary key,
  name         text not null,
  matchers     jsonb not null,
  max_severity text not null check (max_severity in ('critical', 'warning', 'info')),
  schedule     jsonb not null,
  by_id        text not null,
  by_name      text not null,
  created_at   bigint not null,
  -- Start of the occurrence that has no silence yet; null: there is none.
  next_at      bigint,
  ended_at     bigint,
  ended_by     text,
  ended_by_name text
);

-- Silences, those of occurrences of maintenance windows included.
create table silence (
  id             text primary key,
  matchers       jsonb not null,
  max_severity   text not null check (max_severity in ('critical', 'warning', 'info')),
  starts_at      bigint not null,
  ends_at        bigint not null,
  reason         text not null,
  by_id          text not null,
  by_name        text not null,
  created_at     bigint not null,
  updated_at     bigint not null,
  maintenance_id text references maintenance (id),
  -- When it came into force and when it went out of it, as the receivers were notified.
  began_at       bigint,
  ended_at       bigint,
  ended_by       text,
  ended_by_name  text
);
create index silence_open on silence (ends_at) where ended_at is null;
create index silence_newest on silence (ends_at desc, id desc);

-- What a silence hid.
create table silence_hit (
  silence_id      text not null references silence (id) on delete cascade,
  fingerprint     text not null,
  alert_starts_at bigint not null,
  hidden_at       bigint not null,
  primary key (silence_id, fingerprint, alert_starts_at)
);

-- Alerts that a receiver was notified of and that are held back since: their end is news for it, and so is their return.
alter table notify_group add column withheld jsonb not null default '[]';
-- What notify_group.withheld becomes once the message has arrived.
alter table notification add column withholds jsonb not null default '[]';
-- A notice is sent as it is; a message about alerts is built again at each attempt.
alter table notification add column kind text not null default 'alerts' check (kind in ('alerts', 'notice'));
