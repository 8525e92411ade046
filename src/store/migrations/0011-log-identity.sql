-- Which log the positions of `consumer_offset` belong to: the id that each topic's log was made with.
create table log_identity (
  topic text primary key,
  id text not null
);
