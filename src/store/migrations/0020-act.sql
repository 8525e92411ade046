-- What was done for a message of a channel: a repeat is answered with it.
create table act (
  channel    text not null,
  message_id text not null,
  actor      text not null,
  verb       text not null,
  arguments  text not null,
  value      jsonb not null,
  forbidden  text,
  at         bigint not null,
  primary key (channel, message_id)
);

create index act_by_time on act (at);
