-- Counts by hour and by day (UTC) of event time, for reports over months. What is newer than the last refresh is added up when it is read. The
-- policies look back without limit: an import of old history and late records are refreshed too, and only what changed is.
create materialized view hour_count with (timescaledb.continuous, timescaledb.materialized_only = false) as
select time_bucket(3600000::bigint, minute) as hour, status, auth_code, merchant_id, acquirer, sum(count) as count, sum(amount) as amount
from minute_count group by 1, 2, 3, 4, 5 with no data;
select add_continuous_aggregate_policy('hour_count', start_offset => null, end_offset => 3600000::bigint, schedule_interval => interval '10 minutes');

create materialized view day_count with (timescaledb.continuous, timescaledb.materialized_only = false) as
select time_bucket(86400000::bigint, minute) as day, status, auth_code, merchant_id, acquirer, sum(count) as count, sum(amount) as amount
from minute_count group by 1, 2, 3, 4, 5 with no data;
select add_continuous_aggregate_policy('day_count', start_offset => null, end_offset => 86400000::bigint, schedule_interval => interval '1 hour');
