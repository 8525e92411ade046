-- Offset that a message has in the log while a stage may still need it: a log that is lost is filled from these rows.
alter table outbox add column published_offset bigint;
create index outbox_waiting on outbox (id) where published_offset is null and refused is null;
create index outbox_kept on outbox (topic, published_offset) where published_offset is not null;
-- Extent of each topic's log when it was last looked at: how many records it had (`kept`), and the sum of the offsets behind the
-- last ones (`next`).
alter table log_identity add column kept bigint not null default 0;
alter table log_identity add column next bigint not null default 0;
