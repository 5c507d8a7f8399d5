-- Sinks of the event stream: how far each has taken the feed, what its last failure was, and who drives it.
CREATE TABLE sink (
  name        TEXT    NOT NULL PRIMARY KEY,
  positions   TEXT    NOT NULL,              -- JSON object: partition to position; everything up to there was accepted
  failures    INTEGER NOT NULL DEFAULT 0,    -- in a row, of what comes next
  next_at     INTEGER NOT NULL DEFAULT 0,    -- not before this instant is it tried again
  disabled_at INTEGER NOT NULL DEFAULT 0,    -- 0: not disabled
  error       TEXT    NOT NULL DEFAULT '',
  error_at    INTEGER NOT NULL DEFAULT 0,
  accepted_at INTEGER NOT NULL DEFAULT 0,
  owner       TEXT,
  epoch       INTEGER NOT NULL DEFAULT 0,
  until_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
