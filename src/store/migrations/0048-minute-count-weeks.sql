-- Counts of minutes by the week of their minute (UTC weeks from Thursday on, as chunks of TimescaleDB have them), so that retention drops the
-- table of a week. What was there stays where it is, as the partition of everything before next week; the program makes the partitions that
-- follow. Not in the data directory, where one writer has one file, and not where TimescaleDB divides.
do $$
declare
  next_week bigint;
begin
  if version() like '%PGlite%' or exists (select from pg_extension where extname = 'timescaledb') then
    return;
  end if;
  alter table minute_count rename to minute_count_before;
  alter index minute_count_pkey rename to minute_count_before_pkey;
  create table minute_count (like minute_count_before including storage, primary key (minute, merchant_id, status, auth_code, acquirer))
    partition by range (minute);
  create table minute_count_later partition of minute_count default with (fillfactor = 80);
  select (greatest(max(minute), extract(epoch from clock_timestamp()) * 1000)::bigint / 604800000 + 1) * 604800000
    into next_week from minute_count_before;
  execute format('alter table minute_count attach partition minute_count_before for values from (minvalue) to (%s)', next_week);
  -- What an earlier version deletes by ctid would meet rows of other weeks.
  create trigger refuse_earlier_version before delete on minute_count for each statement execute function guardian_refuse_earlier_version();
end
$$;
