-- What the alert stage keeps. `body` is the alert as it goes over the wire; the columns beside it are what lists filter
-- and sort by. Times of alerts are event time; times of notifications are our clock.

CREATE TABLE alert (
  fingerprint text NOT NULL,
  starts_at   timestamptz NOT NULL,
  status      text NOT NULL CHECK (status IN ('firing', 'resolved')),
  name        text NOT NULL,
  type        text NOT NULL,
  severity    text NOT NULL CHECK (severity IN ('critical', 'warning', 'info')),
  -- Status of the transactions; '' means all, like the three below.
  tx_status   text NOT NULL DEFAULT '',
  auth_code   text NOT NULL DEFAULT '',
  acquirer    text NOT NULL DEFAULT '',
  merchant_id text NOT NULL DEFAULT '',
  ends_at     timestamptz,
  updated_at  timestamptz NOT NULL,
  anomaly_id  text NOT NULL,
  backfill    boolean NOT NULL,
  -- Alerts of one cause share it and make one message.
  group_key   text NOT NULL,
  -- Grows with every event of the alert; an event at or below it is a repeat.
  version     bigint NOT NULL,
  body        jsonb NOT NULL,
  PRIMARY KEY (fingerprint, starts_at)
);
CREATE INDEX alert_anomaly ON alert (anomaly_id);
CREATE INDEX alert_newest ON alert (starts_at DESC, fingerprint DESC);
CREATE INDEX alert_firing ON alert (group_key) WHERE status = 'firing';

-- What one receiver knows of one group, and when to look at it again.
CREATE TABLE notify_group (
  receiver  text NOT NULL,
  group_key text NOT NULL,
  -- Null: nothing to do until an alert of the group changes.
  flush_at  timestamptz,
  -- When the last message was put into the queue; null before the first.
  queued_at timestamptz,
  -- Messages so far; part of the id of the next one.
  messages  integer NOT NULL DEFAULT 0,
  -- Fingerprints that the receiver believes to be firing, each with the severity it was told.
  told      jsonb NOT NULL DEFAULT '{}',
  -- Content that the receiver refused for good; not offered again unless it changes.
  refused   text,
  PRIMARY KEY (receiver, group_key)
);
CREATE INDEX notify_group_due ON notify_group (flush_at) WHERE flush_at IS NOT NULL;

-- The queue of messages and its history: at most one pending row for each receiver and group.
CREATE TABLE notification (
  id              text PRIMARY KEY,
  receiver        text NOT NULL,
  group_key       text NOT NULL,
  status          text NOT NULL CHECK (status IN ('firing', 'resolved')),
  severity        text NOT NULL CHECK (severity IN ('critical', 'warning', 'info')),
  payload_hash    text NOT NULL,
  payload         jsonb NOT NULL,
  -- What notify_group.told becomes once the message has arrived.
  tells           jsonb NOT NULL,
  state           text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
  -- Raised and committed before each send: above 0 means that the receiver may have the message.
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  created_at      timestamptz NOT NULL,
  delivered_at    timestamptz,
  last_error      text
);
CREATE UNIQUE INDEX notification_pending ON notification (receiver, group_key) WHERE state = 'pending';
CREATE INDEX notification_newest ON notification (created_at DESC, id DESC);
