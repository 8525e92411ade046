-- What the detect stage keeps. `body` is the anomaly as it goes over the wire; the columns beside it are what lists
-- filter and sort by. Times are epoch milliseconds, event time unless a comment says otherwise.

create table anomaly (
  id          text primary key,
  type        text not null,
  state       text not null check (state in ('open', 'resolved')),
  severity    text not null check (severity in ('critical', 'warning', 'info')),
  node_kind   text not null,
  -- '' where neither the node nor the named slice says.
  status      text not null default '',
  auth_code   text not null default '',
  acquirer    text not null default '',
  merchant_id text not null default '',
  started_at  bigint not null,
  updated_at  bigint not null,
  resolved_at bigint,
  backfill    boolean not null,
  -- Window whose close wrote the row last; an older event never overwrites it.
  sequence    bigint not null,
  body        jsonb not null
);
create index anomaly_newest on anomaly (started_at desc, id desc);
create index anomaly_open on anomaly (started_at desc) where state = 'open';
create index anomaly_merchant on anomaly (merchant_id, started_at desc) where merchant_id <> '';

-- Score of one node in one minute; a correction of the minute replaces it.
create table minute_score (
  node     text not null,
  minute   bigint not null,
  revision integer not null,
  observed double precision not null,
  expected double precision not null,
  low      double precision not null,
  high     double precision not null,
  z_score  double precision not null,
  ml_score double precision not null,
  score    double precision not null,
  state    text not null,
  primary key (node, minute)
);
create index minute_score_minute on minute_score (minute);

-- State of a detector at a place in guardian.windows. One row a detector.
create table detector_snapshot (
  name             text primary key,
  -- First window that the state has not seen.
  next_offset      bigint not null,
  sequence         bigint not null,
  -- Last minute learnt; null before the first.
  minute           bigint,
  detector_version text not null,
  config_hash      text not null,
  -- Our clock.
  taken_at         bigint not null,
  body             bytea not null
);
