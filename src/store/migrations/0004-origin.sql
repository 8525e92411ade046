-- First offset that belongs to this database. What lies before was made from an earlier one, and is made again from the
-- transactions.
alter table consumer_offset add column origin bigint not null default 0;
