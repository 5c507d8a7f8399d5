-- Sinks of the event stream: how far each has taken the feed, what its last failure was, and who drives it.
CREATE TABLE sink (
  name        text COLLATE "C" PRIMARY KEY,
  positions   text   NOT NULL,              -- JSON object: partition to position; everything up to there was accepted
  failures    bigint NOT NULL DEFAULT 0,    -- in a row, of what comes next
  next_at     bigint NOT NULL DEFAULT 0,    -- not before this instant is it tried again
  disabled_at bigint NOT NULL DEFAULT 0,    -- 0: not disabled
  error       text   NOT NULL DEFAULT '',
  error_at    bigint NOT NULL DEFAULT 0,
  accepted_at bigint NOT NULL DEFAULT 0,
  owner       text,
  epoch       bigint NOT NULL DEFAULT 0,
  until_at    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
