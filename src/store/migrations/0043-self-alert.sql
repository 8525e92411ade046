-- Which alerts about the program itself fire at which receivers, where whoever takes a role next may be on another machine: by the role
-- that has notified, and by way (the receivers, or Alertmanager). One process in one data directory keeps them in a file.
create table self_alert (
  role text not null,
  way text not null,
  notified jsonb not null,
  primary key (role, way)
);
