-- A database that has lived without TimescaleDB has its counts in tables of weeks: a hypertable is made of one table. Rows are moved, none is lost.
do $$
begin
  if (select relkind from pg_class where oid = 'minute_count'::regclass) <> 'p' then
    return;
  end if;
  alter table minute_count rename to minute_count_divided;
  alter index minute_count_pkey rename to minute_count_divided_pkey;
  create table minute_count (like minute_count_divided including storage, primary key (minute, merchant_id, status, auth_code, acquirer))
    with (fillfactor = 80);
  insert into minute_count select * from minute_count_divided;
  drop table minute_count_divided;
end
$$;
