-- What people respond to. Times are epoch milliseconds of our clock, `first_bad_minute` of event time.
create table incident (
  number           bigint primary key,
  title            text not null,
  priority         text not null check (priority in ('P1', 'P2', 'P3', 'P4')),
  proposed         text not null check (proposed in ('P1', 'P2', 'P3', 'P4')),
  -- A person has chosen the priority: proposals no longer change it.
  is_chosen        boolean not null,
  state            text not null check (state in ('detected', 'triaged', 'responding', 'resolved', 'postmortem')),
  owner            jsonb,
  opened_by        jsonb,
  opened_at        bigint not null,
  first_bad_minute bigint,
  detected_at      bigint,
  delivered_at     bigint,
  acknowledged_at  bigint,
  resolved_at      bigint,
  -- When its last firing alert ended; null while one fires, or when it never had one.
  quiet_since      bigint,
  updated_at       bigint not null,
  -- Grows with every entry of the timeline.
  version          bigint not null,
  -- What the external tracker has: the last version that it took, and the next attempt.
  mirrored_version bigint not null default 0,
  mirror_attempts  integer not null default 0,
  mirror_at        bigint,
  mirror_error     text
);
create index incident_opened on incident (opened_at);
create index incident_open on incident (number) where state in ('detected', 'triaged', 'responding');

-- Alerts that were seen firing. `incident` is null until one joins an incident; then it stays with it.
create table incident_alert (
  fingerprint text not null,
  starts_at   bigint not null,
  group_key   text not null,
  anomaly_id  text not null,
  -- Our clock when the alert was first seen: from here on somebody has time to acknowledge it.
  seen_at     bigint not null,
  incident    bigint references incident (number) on delete cascade,
  -- As the timeline has it.
  status      text not null,
  primary key (fingerprint, starts_at)
);
create index incident_alert_incident on incident_alert (incident);

create table incident_entry (
  incident bigint not null references incident (number) on delete cascade,
  number   bigint not null,
  at       bigint not null,
  kind     text not null,
  actor    jsonb,
  data     jsonb not null,
  -- What the entry was made of: a repeat writes nothing.
  source   text,
  primary key (incident, number)
);
create unique index incident_entry_source on incident_entry (incident, source) where source is not null;

-- How far the keeper of incidents has read the audit.
create table incident_keeper (
  only_row     boolean primary key default true check (only_row),
  audit_number bigint not null
);
insert into incident_keeper (audit_number) values (0);
