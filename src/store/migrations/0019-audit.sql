-- Who did what, a row an act. `entry` is what `hash` is of, the previous row's hash included.
create table audit (
  number bigint primary key,
  entry  jsonb not null,
  hash   text not null
);

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit is append-only';
end
$$;

create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function audit_refuse_change();
