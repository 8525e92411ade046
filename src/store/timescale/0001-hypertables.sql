-- Counts of minutes in chunks of a week of event time. Times are epoch milliseconds, so TimescaleDB asks for the present: that of the newest
-- event, since an old recording has its newest minute as its present.
create function guardian_stream_ms() returns bigint language plpgsql stable set search_path from current as $$
begin
  return coalesce((select max_event_at from window_closer), 0);
end
$$;

select create_hypertable('minute_count', 'minute', chunk_time_interval => 604800000, create_default_indexes => false, migrate_data => true);
select set_integer_now_func('minute_count', 'guardian_stream_ms');

select create_hypertable('minute_slice', 'minute', chunk_time_interval => 604800000, create_default_indexes => false, migrate_data => true);
select set_integer_now_func('minute_slice', 'guardian_stream_ms');
