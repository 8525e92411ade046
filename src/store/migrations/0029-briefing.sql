-- Hand-overs, one for each start and end of a shift. Times are epoch milliseconds of our clock.
create table briefing (
  id          text primary key,
  shift       text not null,
  kind        text not null check (kind in ('start', 'end')),
  due_at      bigint not null,
  made_at     bigint not null,
  from_at     bigint not null,
  to_at       bigint not null,
  facts       jsonb not null,
  accepted_by jsonb,
  accepted_at bigint
);
create index briefing_newest on briefing (due_at desc, id desc);
