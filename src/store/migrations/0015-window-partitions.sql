-- Workers count their partitions, and one closer merges what they counted into minutes.

-- How far the events of a partition have come: the newest event time that its worker has counted.
create table window_partition (
  partition integer primary key,
  max_event_at bigint not null
) with (fillfactor = 50);

-- What a worker has counted in one transaction, in pieces of the partition's own event time, for the closer. `first_offset`: of
-- the batch. `last_minute`: the newest minute in it. A row stays until the minutes in it are closed: open minutes are made from
-- these rows again after a restart.
create table window_segment (
  id bigint generated always as identity primary key,
  partition integer not null,
  first_offset bigint not null,
  last_minute bigint not null,
  data text not null
);

-- How far the closer has merged a partition: every row up to `segment_id`, and `parts` pieces of the next one.
create table window_merge (
  partition integer primary key,
  segment_id bigint not null,
  parts integer not null
) with (fillfactor = 50);

-- One row: the merged stream, as the closer has left it. `generation` and `owner`: who closes.
create table window_closer (
  singleton boolean primary key default true check (singleton),
  max_event_at bigint,
  max_live_event_at bigint,
  watermark bigint,
  last_closed bigint,
  is_live boolean not null default false,
  tail_backfill boolean not null default false,
  sequence bigint not null default 0,
  lateness jsonb,
  generation bigint not null default 0,
  owner text not null default ''
) with (fillfactor = 50);

insert into window_closer (max_event_at, max_live_event_at, watermark, last_closed, is_live, tail_backfill, sequence, lateness)
select max_event_at, max_live_event_at, watermark, last_closed, is_live, tail_backfill, sequence, lateness from window_state;

insert into window_partition (partition, max_event_at)
select o.partition, s.max_event_at from consumer_offset o cross join window_state s
where o.consumer_group = 'guardian-window' and s.max_event_at is not null;

-- The open minutes of a database from before, as if partition 0 had counted them and the closer had merged them.
with parts as (
  select occurred_at / 60000 * 60000 as minute, status, coalesce(auth_code, '') as auth_code, coalesce(merchant_id, '') as merchant_id,
    coalesce(acquirer, '') as acquirer, coalesce(payment_method, '') as payment_method, coalesce(card_bin, '') as card_bin,
    coalesce(currency, '') as currency, sum(count) as count, coalesce(sum(amount), 0) as amount
  from transaction
  where count > 0 and (payment_method is not null or card_bin is not null or currency is not null)
    and occurred_at / 60000 * 60000 in (select minute from minute where closed_at is null)
  group by 1, 2, 3, 4, 5, 6, 7, 8
), part_lists as (
  select minute, status, auth_code, merchant_id, acquirer, json_agg(json_build_array(payment_method, card_bin, currency, count, amount)) as list
  from parts group by 1, 2, 3, 4, 5
), cells as (
  select c.minute, json_agg(json_build_array(c.status, c.auth_code, c.merchant_id, c.acquirer, c.count, c.amount, coalesce(p.list, '[]'::json))) as list
  from minute_count c join minute m on m.minute = c.minute and m.closed_at is null
  left join part_lists p on p.minute = c.minute and p.status = c.status and p.auth_code = c.auth_code
    and p.merchant_id = c.merchant_id and p.acquirer = c.acquirer
  group by 1
)
insert into window_segment (partition, first_offset, last_minute, data)
select 0, 0, m.minute, json_build_array(json_build_array(m.minute, null, json_build_array(), json_build_array(json_build_array(
  m.minute, m.total, 0, m.alive::int + 2 * m.observed::int + 4 * m.backfill::int + 8 * (m.state = 'incomplete')::int, null, coalesce(c.list, '[]'::json)))))::text
from minute m left join cells c on c.minute = m.minute
where m.closed_at is null order by m.minute;

insert into window_merge (partition, segment_id, parts) select 0, max(id), 0 from window_segment having count(*) > 0;

drop table window_state;
