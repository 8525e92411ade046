-- Personal links to the console, which are used once. The secret of a link is not here: it is made from its id.
create table access_link (
  id         text primary key,
  person     text not null,
  made_by    text not null,
  made_at    bigint not null,
  expires_at bigint not null,
  used_at    bigint,
  revoked_at bigint
);

-- Sessions of the console. Cookies are signed: a row is what lists, ends and explains one.
create table access_session (
  id         text primary key,
  actor      text not null,
  link       text,
  opened_at  bigint not null,
  expires_at bigint not null,
  address    text,
  ended_at   bigint
);
