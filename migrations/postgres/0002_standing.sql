-- Standing records: what people change at run time beside the policy. One row per change, its events as a JSON array;
-- never changed and never deleted, so it is its own audit trail and remembers its requests.
CREATE TABLE standing (
  number    bigint NOT NULL PRIMARY KEY,
  at        bigint NOT NULL,
  actor     text   NOT NULL,
  request   text COLLATE "C",
  body_hash text,
  data      text   NOT NULL
);
-- A request changes something once.
CREATE UNIQUE INDEX standing_request ON standing (request) WHERE request IS NOT NULL;
