-- How far the detector has judged the closed minutes. Not every minute has a score: of a stream that reports every five
-- minutes, four in five are judged to say nothing. One row at most; `judged_at`: wall clock.
create table judged (
  only_row boolean primary key default true check (only_row),
  minute bigint not null,
  judged_at bigint not null
) with (fillfactor = 50);
insert into judged (minute, judged_at)
  select minute, minute from minute_score where node = 'fleet' order by minute desc limit 1;
