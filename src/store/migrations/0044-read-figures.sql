-- What the screens ask most, without reading all that is kept.

-- Counts by merchant of the newest hour of closed minutes, as they closed: an hour of a thousand merchants is sixty rows here and a hundred
-- thousand in minute_count. A row whose revision is not that of its minute says nothing.
create table merchant_minute (
  minute   bigint primary key,
  revision integer not null,
  data     text not null
);
alter table merchant_minute alter column data set storage external;

-- Anomalies and alerts that lasted in a period. An index of when they began would read all that is older than the period.
create index anomaly_period on anomaly using gist (
  int8range(started_at, case when resolved_at < started_at then started_at else resolved_at end, '[]'));
create index alert_period on alert using gist (
  int8range(starts_at, case when ends_at < starts_at then starts_at else ends_at end, '[]'));
