-- The suppression log. What marks alerts stands in the history: these transitions are found without walking it. In JSON
-- a quote inside of a text is escaped, so nobody can write a text that looks like one of these names.
CREATE INDEX event_marked ON event (at, id, version)
  WHERE instr(data, '"AlertMarked"') > 0
     OR instr(data, '"Suppressed":{"reason":"TRANSIENT"') > 0
     OR instr(data, '"Suppressed":{"reason":"NOT_PAGED"') > 0;

-- Signals that were not taken in: one row for each day, identity and cause.
CREATE TABLE refusal (
  key      TEXT    NOT NULL PRIMARY KEY,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  heard    INTEGER NOT NULL,
  data     TEXT    NOT NULL
) STRICT;
CREATE INDEX refusal_first ON refusal (first_at, key);
