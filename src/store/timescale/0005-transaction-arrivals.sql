-- As in tables of days: blocks that no vacuum has summarized would all be read for one transaction. Chunks that are compressed have nothing to build.
drop index transaction_ingested_at;
create index transaction_arrival on transaction (ingested_at);
