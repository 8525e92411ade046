-- What the alert stage keeps. `body` is the alert as it goes over the wire; the columns beside it are what lists filter
-- and sort by. Times are epoch milliseconds: of alerts event time, of notifications our clock.

create table alert (
  fingerprint text not null,
  starts_at   bigint not null,
  status      text not null check (status in ('firing', 'resolved')),
  name        text not null,
  type        text not null,
  severity    text not null check (severity in ('critical', 'warning', 'info')),
  -- Status of the transactions; '' means all, like the three below.
  tx_status   text not null default '',
  auth_code   text not null default '',
  acquirer    text not null default '',
  merchant_id text not null default '',
  ends_at     bigint,
  updated_at  bigint not null,
  anomaly_id  text not null,
  backfill    boolean not null,
  -- Alerts of one cause share it and make one message.
  group_key   text not null,
  -- Grows with every event of the alert; an event at or below it is a repeat.
  version     bigint not null,
  body        jsonb not null,
  primary key (fingerprint, starts_at)
);
create index alert_anomaly on alert (anomaly_id);
create index alert_newest on alert (starts_at desc, fingerprint desc);
create index alert_firing on alert (group_key) where status = 'firing';

-- What one receiver knows of one group, and when to look at it again.
create table notify_group (
  receiver  text not null,
  group_key text not null,
  -- Null: nothing to do until an alert of the group changes.
  flush_at  bigint,
  -- When the last message was put into the queue; null before the first.
  queued_at bigint,
  -- Messages so far; part of the id of the next one.
  messages  integer not null default 0,
  -- Fingerprints that the receiver believes to be firing, each with the severity it was told.
  told      jsonb not null default '{}',
  -- Content that the receiver refused for good; not offered again unless it changes.
  refused   text,
  primary key (receiver, group_key)
);
create index notify_group_due on notify_group (flush_at) where flush_at is not null;

-- The queue of messages and its history: at most one pending row for each receiver and group.
create table notification (
  id              text primary key,
  receiver        text not null,
  group_key       text not null,
  status          text not null check (status in ('firing', 'resolved')),
  severity        text not null check (severity in ('critical', 'warning', 'info')),
  payload_hash    text not null,
  payload         jsonb not null,
  -- What notify_group.told becomes once the message has arrived.
  tells           jsonb not null,
  state           text not null check (state in ('pending', 'delivered', 'failed', 'dropped')),
  -- Raised and committed before each send: above 0 means that the receiver may have the message.
  attempts        integer not null default 0,
  next_attempt_at bigint,
  created_at      bigint not null,
  delivered_at    bigint,
  last_error      text
);
create unique index notification_pending on notification (receiver, group_key) where state = 'pending';
create index notification_newest on notification (created_at desc, id desc);
