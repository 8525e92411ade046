-- When the receivers of a briefing were notified that it is over: accepted, or followed by another one. Epoch milliseconds of our clock.
alter table briefing add column ended_at bigint;
-- Briefings from before have no end to notify anybody of.
update briefing set ended_at = made_at;
create index briefing_open on briefing (due_at) where ended_at is null;
