-- Two weeks after its minutes a chunk is compressed into columns, in the order in which the counts of a merchant are read. Late records still
-- correct it.
alter table minute_count set (timescaledb.compress, timescaledb.compress_segmentby = 'merchant_id', timescaledb.compress_orderby = 'minute');
select add_compression_policy('minute_count', compress_after => 1209600000::bigint);

alter table minute_slice set (timescaledb.compress, timescaledb.compress_segmentby = 'status, acquirer', timescaledb.compress_orderby = 'minute');
select add_compression_policy('minute_slice', compress_after => 1209600000::bigint);
