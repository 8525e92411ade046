-- What the detect stage keeps. `body` is the anomaly as it goes over the wire; the columns beside it are what lists
-- filter and sort by. Times are event time unless the name says otherwise.

CREATE TABLE anomaly (
  id          text PRIMARY KEY,
  type        text NOT NULL,
  state       text NOT NULL CHECK (state IN ('open', 'resolved')),
  severity    text NOT NULL CHECK (severity IN ('critical', 'warning', 'info')),
  node_kind   text NOT NULL,
  -- '' where neither the node nor the named slice says.
  status      text NOT NULL DEFAULT '',
  auth_code   text NOT NULL DEFAULT '',
  acquirer    text NOT NULL DEFAULT '',
  merchant_id text NOT NULL DEFAULT '',
  started_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  resolved_at timestamptz,
  backfill    boolean NOT NULL,
  -- Window whose close wrote the row last; an older event never overwrites it.
  sequence    bigint NOT NULL,
  body        jsonb NOT NULL
);
CREATE INDEX anomaly_newest ON anomaly (started_at DESC, id DESC);
CREATE INDEX anomaly_open ON anomaly (started_at DESC) WHERE state = 'open';
CREATE INDEX anomaly_merchant ON anomaly (merchant_id, started_at DESC) WHERE merchant_id <> '';

-- Score of one node in one minute; a correction of the minute replaces it.
CREATE TABLE minute_score (
  node     text NOT NULL,
  minute   timestamptz NOT NULL,
  revision integer NOT NULL,
  observed double precision NOT NULL,
  expected double precision NOT NULL,
  low      double precision NOT NULL,
  high     double precision NOT NULL,
  z_score  double precision NOT NULL,
  ml_score double precision NOT NULL,
  score    double precision NOT NULL,
  state    text NOT NULL,
  PRIMARY KEY (node, minute)
);
CREATE INDEX minute_score_minute ON minute_score (minute);

-- State of a detector at a place in guardian.windows. One row a detector.
CREATE TABLE detector_snapshot (
  name             text PRIMARY KEY,
  -- First window that the state has not seen.
  next_offset      bigint NOT NULL,
  sequence         bigint NOT NULL,
  -- Last minute learnt; null before the first.
  minute           timestamptz,
  detector_version text NOT NULL,
  config_hash      text NOT NULL,
  -- Our clock.
  taken_at         timestamptz NOT NULL,
  body             bytea NOT NULL
);
