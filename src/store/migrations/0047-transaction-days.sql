-- Single transactions by the day on which they arrived (UTC), so that retention drops the table of a day. What was there stays where it is, as
-- the partition of everything before tomorrow: nothing is copied. The program makes the partitions of the days that follow.

-- An id counts once over all days: the first transaction with it. Rows of before this migration have no key; their own primary key has them.
create table transaction_key (
  id text primary key,
  ingested_at bigint not null,
  content_hash text not null
);
create index transaction_key_ingested_at on transaction_key (ingested_at);

alter table transaction rename to transaction_before;
alter index transaction_pkey rename to transaction_before_pkey;
alter index transaction_ingested_at rename to transaction_before_ingested_at;

create table transaction (like transaction_before including constraints including storage) partition by range (ingested_at);
create table transaction_later partition of transaction default;

do $$
declare
  tomorrow bigint;
begin
  select (greatest(max(ingested_at), extract(epoch from clock_timestamp()) * 1000)::bigint / 86400000 + 1) * 86400000
    into tomorrow from transaction_before;
  execute format('alter table transaction attach partition transaction_before for values from (minvalue) to (%s)', tomorrow);
end
$$;

-- A key says when a transaction arrived, which finds it in the blocks of that moment: rows of a day are only ever added.
create index transaction_ingested_at on transaction using brin (ingested_at) with (pages_per_range = 32);

-- A program of before this migration knows nothing of the keys, and would count an id twice; what it deletes by ctid would meet rows of other
-- days. It is told to wait, and does.
create function guardian_keys_written() returns trigger language plpgsql as $$
begin
  perform set_config('guardian.keys_written', 'on', true);
  return null;
end
$$;
create trigger keys_written before insert on transaction_key for each statement execute function guardian_keys_written();

create function guardian_refuse_earlier_version() returns trigger language plpgsql as $$
begin
  if (tg_op = 'INSERT' and coalesce(current_setting('guardian.keys_written', true), '') <> 'on')
    or (tg_op = 'DELETE' and current_query() ~ '\mctid\M') then
    raise exception using errcode = '57P03',
      message = 'the database belongs to a newer version, which writes transaction_key first: stop the processes of the earlier version';
  end if;
  return null;
end
$$;
create trigger refuse_earlier_version before insert or delete on transaction for each statement execute function guardian_refuse_earlier_version();
