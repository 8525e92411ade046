-- A run of a runbook. `record` is what people read; a run that has ended does not change.
create table runbook_run (
  id           text primary key,
  runbook      text not null,
  state        text not null,
  record       jsonb not null,
  -- Which process works on it, and until when it has promised to say so again.
  holder       text not null,
  lease_until  timestamptz not null,
  cancelled_by jsonb,
  -- Alert that started it: one run for each.
  alert_key    text,
  started_at   bigint not null,
  ended_at     bigint
);
create unique index runbook_run_one on runbook_run (runbook) where state = 'running';
create unique index runbook_run_alert on runbook_run (runbook, alert_key) where alert_key is not null;
create index runbook_run_by_time on runbook_run (started_at desc, id desc);

create function runbook_run_refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'running' then return new; end if;
  raise exception 'a run that has ended does not change';
end
$$;
create trigger runbook_run_immutable before update or delete on runbook_run
  for each row execute function runbook_run_refuse_change();

-- A request that waits for its confirmation. The code itself is not stored.
create table runbook_confirmation (
  code_hash    text primary key,
  request      jsonb not null,
  requested_at bigint not null,
  expires_at   bigint not null,
  run_id       text
);
