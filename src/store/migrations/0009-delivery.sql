-- A message that a receiver refused stays pending and is built again at each attempt, so that nothing is refused for good.
-- Alerts of messages that were attempted since the last delivery, as "fingerprint starts_at": what ended before the receiver
-- took a message is reported as missed.
alter table notify_group add column offered jsonb not null default '[]';
update notify_group set flush_at = 0 where refused is not null;
alter table notify_group drop column refused;
