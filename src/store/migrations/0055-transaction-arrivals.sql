-- The moment of its arrival finds a transaction in the table of its day. Blocks that no vacuum has summarized are all read for it: up to a sixth
-- of a day that is being written. Tables of days that are made from now on have an ordinary index of the moments, and those of the next days,
-- which are empty. What has rows keeps its block ranges until retention drops it: nobody waits for an index.
do $$
declare
  part regclass;
  has_rows boolean;
begin
  if (select relkind from pg_class where oid = 'transaction'::regclass) <> 'p' then
    return;
  end if;
  create index transaction_arrival on only transaction (ingested_at);
  for part in select inhrelid::regclass from pg_inherits where inhparent = 'transaction'::regclass loop
    execute format('select exists (select from %s)', part) into has_rows;
    if not has_rows then
      execute format('create index %I on %s (ingested_at)', part::text || '_arrival', part);
      execute format('alter index transaction_arrival attach partition %I', part::text || '_arrival');
    end if;
  end loop;
end
$$;
