-- What proves that messages arrived, and what happens to those of which nothing does. Times are epoch milliseconds of our clock.

-- When a message without proof was passed on; and from when on proof is due, where a receipt said that it failed.
alter table notification add column overdue_at bigint;
alter table notification add column proof_due_at bigint;
create index notification_unproven on notification (created_at)
  where received_at is null and severity = 'critical' and state in ('pending', 'delivered');

-- When the alert stage knew of an alert.
alter table alert add column noted_at bigint;

-- The next step is due now: nothing proves that the messages so far arrived.
alter table escalation add column hurried_at bigint;

-- Alerts that a second receiver is notified of in the place of the first.
create table cover (
  receiver     text not null,
  group_key    text not null,
  fingerprint  text not null,
  starts_at    bigint not null,
  backup       text not null,
  backup_group text not null,
  since        bigint not null,
  -- When the first receiver is notified again, as a repeat.
  until        bigint not null,
  -- When the second one had it; null until then.
  proven_at    bigint,
  primary key (receiver, fingerprint, starts_at)
);

-- What receivers report: once for each message of a channel and state.
create table receipt (
  channel             text not null,
  recipient           text not null,
  provider_message_id text not null,
  state               text not null check (state in ('delivered', 'read', 'failed')),
  notification_id     text,
  alerts              jsonb not null,
  at                  bigint not null,
  error               text,
  noted_at            bigint not null,
  primary key (channel, recipient, provider_message_id, state)
);
create index receipt_newest on receipt (noted_at desc);
