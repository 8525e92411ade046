-- How the program was, interval by interval, by our clock. Between intervals nobody knows: it was down, or could not write.
create table service_state (
  started_at bigint primary key,
  ended_at   bigint not null check (ended_at >= started_at),
  state      text not null check (state in ('healthy', 'degraded', 'unhealthy', 'unknown'))
);
