-- Raw transactions that `store.max_bytes` removed before their retention: how many, up to which arrival, and when last.
create table early_removal (
  is_only boolean primary key default true check (is_only),
  removed bigint not null,
  before bigint not null,
  removed_at bigint not null
);
