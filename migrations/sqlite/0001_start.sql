-- The first schema. One partition, so no partition column; the shapes are those of migrations/postgres/0001_start.sql.
-- Tables with wide rows keep their rowid (rows over a quarter page would spill in a WITHOUT ROWID tree); narrow ones
-- save a tree by doing without. Every index is paid on every commit, so each one below names its reader.

-- Values of the deployment (its secret, the number of partitions, the oldest schema that a binary must know).
CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Head of the change feed; positions up to `trimmed` may be gone.
CREATE TABLE part_head (
  p       INTEGER NOT NULL PRIMARY KEY,
  head    INTEGER NOT NULL,
  trimmed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Who fires timers and sends effects. The lock file keeps other processes out, this row gives the epoch.
CREATE TABLE part_lease (
  p        INTEGER NOT NULL PRIMARY KEY,
  owner    TEXT,
  addr     TEXT,
  epoch    INTEGER NOT NULL DEFAULT 0,
  until_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Numbers of the references that people say to each other.
CREATE TABLE counter (
  name  TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is: one row per incident or review, its state as JSON.
CREATE TABLE instance (
  id       TEXT    NOT NULL PRIMARY KEY,
  kind     TEXT    NOT NULL,
  version  INTEGER NOT NULL,
  open     INTEGER NOT NULL,
  wake_at  INTEGER,
  open_key TEXT,
  logic    INTEGER NOT NULL,
  policy   INTEGER NOT NULL,
  chain    TEXT    NOT NULL,
  state    TEXT    NOT NULL,
  CHECK (open = 0 OR wake_at IS NOT NULL)
) STRICT;
-- Two open incidents never share a key.
CREATE UNIQUE INDEX instance_open ON instance (open_key) WHERE open_key IS NOT NULL;
-- Timers at start-up, and the auditor.
CREATE INDEX instance_wake ON instance (wake_at, id) WHERE open = 1;

-- What happened: one row per transition, its events first..version as a JSON array. `pos` is the place in the feed.
CREATE TABLE event (
  pos     INTEGER NOT NULL PRIMARY KEY,
  id      TEXT    NOT NULL,
  first   INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  actor   TEXT    NOT NULL,
  cause   TEXT    NOT NULL,
  wake_at INTEGER,
  data    TEXT    NOT NULL,
  chain   TEXT    NOT NULL
) STRICT;
-- The history of an instance, and the proof that no version is written twice.
CREATE UNIQUE INDEX event_history ON event (id, version);

-- What lists show and filter by. Labels are a JSON object beside the rest: a filter on them reads the narrow rows of
-- its kind (half a microsecond for a row without the label, 2 µs for one with it), which is cheaper than paying one more
-- tree per label on every commit.
CREATE TABLE listing (
  id           TEXT    NOT NULL PRIMARY KEY,
  kind         TEXT    NOT NULL,
  number       INTEGER NOT NULL,
  phase        TEXT    NOT NULL,
  priority     INTEGER NOT NULL,
  service      TEXT    NOT NULL,
  team         TEXT    NOT NULL,
  assignee     TEXT    NOT NULL,
  acknowledged INTEGER NOT NULL,
  suppressed   INTEGER NOT NULL,
  on_hold      INTEGER NOT NULL,
  exhausted    INTEGER NOT NULL,
  level        INTEGER NOT NULL,
  sla_state    TEXT    NOT NULL,
  next_due_at  INTEGER,
  queue_rank   INTEGER NOT NULL,
  queue_at     INTEGER NOT NULL,
  title        TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  exercise     INTEGER NOT NULL,
  subject      TEXT    NOT NULL,
  labels       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
-- The triage queue.
CREATE INDEX listing_queue ON listing (kind, queue_rank, queue_at, number);
-- INC-1042.
CREATE INDEX listing_number ON listing (kind, number);

-- Alerts: which incident has an identity, and how often it was heard. The newest row of a key has the greatest id.
CREATE TABLE alert (
  key      TEXT    NOT NULL,
  id       TEXT    NOT NULL,
  n        INTEGER NOT NULL,
  held     INTEGER NOT NULL,
  firing   INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  ends_at  INTEGER,
  PRIMARY KEY (key, id)
) STRICT, WITHOUT ROWID;
-- The alerts of an incident.
CREATE INDEX alert_of ON alert (id);

-- What is to be sent.
CREATE TABLE outbox (
  effect_id TEXT    NOT NULL PRIMARY KEY,
  id        TEXT    NOT NULL,
  due_at    INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  dest      TEXT    NOT NULL,
  payload   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
-- What is due.
CREATE INDEX outbox_due ON outbox (due_at);

-- Requests that were answered, so that a repeat gets the same answer.
CREATE TABLE request (
  key       TEXT    NOT NULL PRIMARY KEY,
  id        TEXT    NOT NULL,
  version   INTEGER NOT NULL,
  outcome   TEXT    NOT NULL,
  body_hash TEXT    NOT NULL,
  at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Versions of the policy document, never changed once written.
CREATE TABLE policy (
  number   INTEGER NOT NULL PRIMARY KEY,
  hash     TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT    NOT NULL,
  document TEXT    NOT NULL,
  source   TEXT    NOT NULL
) STRICT;

-- The history as people read it, one row per event; an event is {"family": {"Name": {…}}} or {"family": "Name"}:
--   select number, time, actor, name, event from timeline where id = '…' order by number;
CREATE VIEW timeline AS
SELECT e.id,
       e.first + j.key AS number,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch') AS time,
       e.actor,
       e.cause,
       CASE j.type WHEN 'object' THEN (
         SELECT CASE f.type WHEN 'object' THEN (SELECT n.key FROM json_each(f.value) AS n LIMIT 1) ELSE f.value END
         FROM json_each(j.value) AS f LIMIT 1
       ) END AS name,
       j.value AS event,
       e.pos
FROM event AS e, json_each(e.data) AS j;

INSERT INTO part_head (p, head) VALUES (0, 0);
INSERT INTO part_lease (p) VALUES (0);
INSERT INTO meta (name, value) VALUES ('partitions', '1'), ('min_schema', '1');
