-- Who is on call in the place of whom the layers name. Times are epoch milliseconds of our clock.
create table oncall_change (
  id         text primary key,
  number     bigint generated always as identity,
  schedule   text not null,
  person     text not null,
  starts_at  bigint not null,
  ends_at    bigint not null,
  swap_id    text,
  reason     text not null,
  by_id      text not null,
  by_name    text not null,
  created_at bigint not null,
  ended_at   bigint,
  ended_by   text
);
create index oncall_change_by_time on oncall_change (schedule, ends_at);

-- Steps of escalations that were taken: each once for one firing of an alert.
create table oncall_page (
  fingerprint text not null,
  starts_at   bigint not null,
  step        integer not null,
  at          bigint not null,
  people      jsonb not null,
  receivers   jsonb not null,
  primary key (fingerprint, starts_at, step)
);
