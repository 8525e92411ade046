-- Single transactions in chunks of a day of their arrival, compressed after two days in the order in which they came. Rows that are there are
-- moved, none is lost. TimescaleDB asks for the present of arrivals, which is the wall clock.
create function guardian_arrival_ms() returns bigint language sql stable as $$ select (extract(epoch from now()) * 1000)::bigint $$;

insert into transaction_key (id, ingested_at, content_hash) select id, ingested_at, content_hash from transaction_before on conflict (id) do nothing;

alter table transaction rename to transaction_undivided;
alter index transaction_ingested_at rename to transaction_undivided_ingested_at;
create table transaction (like transaction_undivided including constraints including storage);
select create_hypertable('transaction', 'ingested_at', chunk_time_interval => 86400000, create_default_indexes => false);
select set_integer_now_func('transaction', 'guardian_arrival_ms');
create index transaction_ingested_at on transaction using brin (ingested_at) with (pages_per_range = 32);
create trigger refuse_earlier_version before insert or delete on transaction for each statement execute function guardian_refuse_earlier_version();

insert into transaction select * from transaction_undivided;

alter table transaction_undivided detach partition transaction_before;
truncate transaction_before;
drop table transaction_undivided;

alter table transaction set (timescaledb.compress, timescaledb.compress_segmentby = '', timescaledb.compress_orderby = 'ingested_at');
select add_compression_policy('transaction', compress_after => 172800000::bigint);
