-- First offset that a stage could not read of a topic of which the outbox still has the messages: the relay publishes them again.
alter table log_identity add column unreadable_from bigint;
