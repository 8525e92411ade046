-- Event time that the stream had reached when the oldest record was accepted that may be on no partition yet, epoch milliseconds; null: all
-- are. Whoever takes the closing over goes on waiting for it.
alter table window_closer add column held_at bigint;
