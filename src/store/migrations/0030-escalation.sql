-- Escalations: one for each anomaly and severity. Times are epoch milliseconds of our clock.
drop table oncall_page;

create table escalation (
  anomaly_id text not null,
  severity   text not null check (severity in ('critical', 'warning', 'info')),
  began_at   bigint not null,
  ended_at   bigint,
  primary key (anomaly_id, severity)
);
create index escalation_open on escalation (began_at) where ended_at is null;

-- Steps that were taken: each once.
create table escalation_step (
  anomaly_id text not null,
  severity   text not null,
  step       integer not null,
  at         bigint not null,
  people     jsonb not null,
  receivers  jsonb not null,
  primary key (anomaly_id, severity, step),
  foreign key (anomaly_id, severity) references escalation (anomaly_id, severity) on delete cascade
);
