-- How late the records of a live stream usually come, which sets how long its minutes wait; null before the first record.
alter table window_state add column lateness jsonb;
