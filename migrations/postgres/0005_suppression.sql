-- The suppression log. What marks alerts stands in the history: these transitions are found without walking it. In JSON
-- a quote inside of a text is escaped, so nobody can write a text that looks like one of these names.
CREATE INDEX event_marked ON event (at, id, version)
  WHERE strpos(data, '"AlertMarked"') > 0
     OR strpos(data, '"Suppressed":{"reason":"TRANSIENT"') > 0
     OR strpos(data, '"Suppressed":{"reason":"NOT_PAGED"') > 0;

-- Signals that were not taken in: one row for each day, identity and cause.
CREATE TABLE refusal (
  key      text COLLATE "C" PRIMARY KEY,
  first_at bigint NOT NULL,
  last_at  bigint NOT NULL,
  heard    bigint NOT NULL,
  data     text   NOT NULL
);
CREATE INDEX refusal_first ON refusal (first_at, key);
