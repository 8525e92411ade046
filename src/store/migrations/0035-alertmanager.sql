-- What each Alertmanager has been offered and has taken, one row an alert that it may hold. Times are epoch milliseconds of our clock.
create table alertmanager_push (
  instance    text not null,
  fingerprint text not null,
  starts_at   bigint not null,
  offered_at  bigint not null,
  -- When its end was noticed: the end that Alertmanager gets, at each repeat the same.
  ended_at    bigint,
  taken       text check (taken in ('firing', 'resolved')),
  taken_at    bigint,
  primary key (instance, fingerprint)
);
