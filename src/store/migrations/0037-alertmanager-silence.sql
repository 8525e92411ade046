-- Which silence of an Alertmanager is which of ours: a silence (`si_…`), or an acknowledgement or snooze of an alert (`hold …`).
create table alertmanager_silence (
  instance text not null,
  am_id    text not null,
  key      text not null,
  -- The end on both sides when they last agreed, epoch milliseconds.
  ends_at  bigint not null,
  primary key (instance, am_id)
);
