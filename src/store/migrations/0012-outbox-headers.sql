-- What is said of a message beside its value: the trace that caused it, the version of its schema, its media type.
alter table outbox add column headers jsonb not null default '{}';
