-- Alerts that only Alertmanager has and that somebody acknowledged, snoozed or silenced. Every Alertmanager is to have a silence of their
-- labels while one holds; one that lost its data, or that was away, gets it from here.
create table elsewhere_hold (
  fingerprint text primary key,
  kind        text not null,
  labels      jsonb not null,
  by_name     text not null,
  -- Since when, epoch milliseconds, and until when.
  at          bigint not null,
  until       bigint not null,
  -- When it was ended before its time; null: it holds.
  ended_at    bigint,
  -- When a silence was last put back.
  restored_at bigint not null default 0
);
