-- The minute counts of all merchants together: what charts of the fleet, a status, an acquirer or an auth code add up. A
-- minute of ten thousand merchants has tens of thousands of rows in minute_count and tens of rows here.
create table minute_slice (
  minute bigint not null,
  status text not null,
  auth_code text not null,
  acquirer text not null,
  count bigint not null,
  amount double precision not null,
  primary key (minute, status, auth_code, acquirer)
) with (fillfactor = 80);

insert into minute_slice (minute, status, auth_code, acquirer, count, amount)
select minute, status, auth_code, acquirer, sum(count), sum(amount) from minute_count group by minute, status, auth_code, acquirer;
