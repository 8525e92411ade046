-- Times are epoch milliseconds, UTC; minutes are multiples of 60 000. Texts are '' where a record does not say.

create table transaction (
  id text primary key,
  occurred_at bigint not null,
  ingested_at bigint not null,
  status text not null,
  count bigint not null check (count >= 0),
  amount double precision,
  currency text,
  merchant_id text,
  auth_code text,
  card_bin text,
  acquirer text,
  payment_method text,
  customer_id text,
  source text not null,
  backfill boolean not null,
  content_hash text not null
);

-- Rows arrive almost in order of time: a block range index costs next to nothing and finds what retention deletes.
create index transaction_ingested_at on transaction using brin (ingested_at) with (pages_per_range = 32);

create table minute_count (
  minute bigint not null,
  status text not null,
  auth_code text not null,
  merchant_id text not null,
  acquirer text not null,
  count bigint not null,
  amount double precision not null,
  late_count bigint not null,
  primary key (minute, merchant_id, status, auth_code, acquirer)
) with (fillfactor = 80);

-- `closed_at` is null while the minute is open. `alive`: a source said so, by a heartbeat or a count of 0. `observed`:
-- transactions came. `total` counts only cells with a status.
create table minute (
  minute bigint primary key,
  state text not null check (state in ('observed', 'zero', 'silent')),
  total bigint not null,
  revision integer not null,
  late bigint not null,
  backfill boolean not null,
  alive boolean not null,
  observed boolean not null,
  closed_at bigint
) with (fillfactor = 80);

create table consumer_offset (
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  generation bigint not null,
  owner text not null,
  primary key (consumer_group, topic, partition)
) with (fillfactor = 50);

-- Messages on their way to the bus, in order of `id`. `refused`: why the bus will never take one; such a row stays.
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  key text not null,
  value text not null,
  refused text
);

-- One row. `last_closed` is null before the first close and after a pause of the stream. `tail_backfill`: the last closed
-- minute with records was history. `version` grows with every write, so that of two writers one is told.
create table window_state (
  singleton boolean primary key default true check (singleton),
  max_event_at bigint,
  max_live_event_at bigint,
  watermark bigint,
  last_closed bigint,
  is_live boolean not null default false,
  tail_backfill boolean not null default false,
  sequence bigint not null default 0,
  version bigint not null default 0
) with (fillfactor = 50);

insert into window_state default values;
