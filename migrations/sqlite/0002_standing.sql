-- Standing records: what people change at run time beside the policy. One row per change, its events as a JSON array;
-- never changed and never deleted, so it is its own audit trail and remembers its requests.
CREATE TABLE standing (
  number    INTEGER NOT NULL PRIMARY KEY,
  at        INTEGER NOT NULL,
  actor     TEXT    NOT NULL,
  request   TEXT,
  body_hash TEXT,
  data      TEXT    NOT NULL
) STRICT;
-- A request changes something once.
CREATE UNIQUE INDEX standing_request ON standing (request) WHERE request IS NOT NULL;
