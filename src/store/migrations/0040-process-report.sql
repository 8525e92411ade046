-- How each process of an installation is doing, where they share no disk. Written every two seconds and of no use after a crash.
create unlogged table process_report (
  instance text not null,
  role text not null,
  number bigint not null,
  at bigint not null,
  report jsonb not null,
  primary key (instance, role)
);

-- Links to the console that were used, where several processes take them.
create table used_link (
  nonce text primary key,
  expires_at bigint not null
);
