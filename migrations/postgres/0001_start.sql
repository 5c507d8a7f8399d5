-- The first schema. The partition comes first in every key; texts that are compared or sorted are compared byte by
-- byte (COLLATE "C"), as SQLite does. No foreign keys: their shared locks would breed on the hot path.

-- Values of the deployment (its secret, the number of partitions, the oldest schema that a binary must know).
CREATE TABLE meta (
  name  text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
);

-- Head of each partition's change feed; its row lock orders the commits. Positions up to `trimmed` may be gone.
CREATE TABLE part_head (
  p       smallint PRIMARY KEY,
  head    bigint   NOT NULL,
  trimmed bigint   NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Who fires timers and sends effects of a partition.
CREATE TABLE part_lease (
  p        smallint PRIMARY KEY,
  owner    text,
  addr     text,
  epoch    bigint NOT NULL DEFAULT 0,
  until_at bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Numbers of the references that people say to each other.
CREATE TABLE counter (
  name  text COLLATE "C" PRIMARY KEY,
  value bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- What is: one row per incident or review, its state as JSON. `prev_version` lets the upsert carry the version that
-- it expects; it means nothing afterwards.
CREATE TABLE instance (
  p            smallint,
  id           text COLLATE "C",
  kind         text     NOT NULL,
  prev_version bigint   NOT NULL,
  version      bigint   NOT NULL,
  open         boolean  NOT NULL,
  wake_at      bigint,
  open_key     text COLLATE "C",
  logic        integer  NOT NULL,
  policy       bigint   NOT NULL,
  chain        text     NOT NULL,
  state        text     NOT NULL,
  PRIMARY KEY (p, id),
  CONSTRAINT instance_open_has_wake CHECK (NOT open OR wake_at IS NOT NULL)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
-- Two open incidents never share a key.
CREATE UNIQUE INDEX instance_open ON instance (p, open_key) WHERE open_key IS NOT NULL;
-- Timers at start-up, and the auditor.
CREATE INDEX instance_wake ON instance (p, wake_at, id) WHERE open;

-- What happened: one row per transition, its events first..version as a JSON array. `pos` is the place in the feed.
CREATE TABLE event (
  p       smallint,
  pos     bigint,
  id      text COLLATE "C" NOT NULL,
  first   bigint NOT NULL,
  version bigint NOT NULL,
  at      bigint NOT NULL,
  actor   text   NOT NULL,
  cause   text   NOT NULL,
  wake_at bigint,
  data    text   NOT NULL,
  chain   text   NOT NULL,
  PRIMARY KEY (p, pos)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
-- The history of an instance, and the proof that no version is written twice.
CREATE UNIQUE INDEX event_history ON event (p, id, version);

-- What lists show and filter by. Labels are an object beside the rest; a tree per label would be paid on every commit.
CREATE TABLE listing (
  p            smallint,
  id           text COLLATE "C",
  kind         text COLLATE "C" NOT NULL,
  number       bigint   NOT NULL,
  phase        text COLLATE "C" NOT NULL,
  priority     integer  NOT NULL,
  service      text COLLATE "C" NOT NULL,
  team         text COLLATE "C" NOT NULL,
  assignee     text COLLATE "C" NOT NULL,
  acknowledged boolean  NOT NULL,
  suppressed   boolean  NOT NULL,
  on_hold      boolean  NOT NULL,
  exhausted    boolean  NOT NULL,
  level        integer  NOT NULL,
  sla_state    text COLLATE "C" NOT NULL,
  next_due_at  bigint,
  queue_rank   integer  NOT NULL,
  queue_at     bigint   NOT NULL,
  title        text     NOT NULL,
  created_at   bigint   NOT NULL,
  exercise     boolean  NOT NULL,
  subject      text COLLATE "C" NOT NULL,
  labels       jsonb    NOT NULL,
  PRIMARY KEY (p, id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
-- The triage queue.
CREATE INDEX listing_queue ON listing (p, kind, queue_rank, queue_at, number, id);
-- INC-1042.
CREATE INDEX listing_number ON listing (p, kind, number);

-- Alerts: which incident has an identity, and how often it was heard. The newest row of a key has the greatest id.
CREATE TABLE alert (
  p        smallint,
  key      text COLLATE "C",
  id       text COLLATE "C",
  n        bigint  NOT NULL,
  held     boolean NOT NULL,
  firing   boolean NOT NULL,
  count    bigint  NOT NULL,
  first_at bigint  NOT NULL,
  last_at  bigint  NOT NULL,
  ends_at  bigint,
  PRIMARY KEY (p, key, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
-- An identity belongs to one open incident.
CREATE UNIQUE INDEX alert_held ON alert (p, key) WHERE held;
-- The alerts of an incident.
CREATE INDEX alert_of ON alert (p, id);

-- What is to be sent.
CREATE TABLE outbox (
  p         smallint,
  effect_id text COLLATE "C",
  id        text    NOT NULL,
  due_at    bigint  NOT NULL,
  attempt   integer NOT NULL,
  dest      text    NOT NULL,
  payload   text    NOT NULL,
  PRIMARY KEY (p, effect_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
-- What is due.
CREATE INDEX outbox_due ON outbox (p, due_at);

-- Requests that were answered, so that a repeat gets the same answer.
CREATE TABLE request (
  p         smallint,
  key       text COLLATE "C",
  id        text   NOT NULL,
  version   bigint NOT NULL,
  outcome   text   NOT NULL,
  body_hash text   NOT NULL,
  at        bigint NOT NULL,
  PRIMARY KEY (p, key)
);

-- Versions of the policy document, never changed once written.
CREATE TABLE policy (
  number   bigint PRIMARY KEY,
  hash     text   NOT NULL,
  at       bigint NOT NULL,
  actor    text   NOT NULL,
  document text   NOT NULL,
  source   text   NOT NULL
);

-- The history as people read it, one row per event; an event is {"family": {"Name": {…}}} or {"family": "Name"}:
--   select number, time, actor, name, event from timeline where id = '…' order by number;
CREATE VIEW timeline AS
SELECT e.id,
       e.first + j.ordinality - 1 AS number,
       to_char(to_timestamp(e.at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time,
       e.actor,
       e.cause,
       CASE jsonb_typeof(j.value) WHEN 'object' THEN (
         SELECT CASE jsonb_typeof(f.value)
                  WHEN 'object' THEN (SELECT n.key FROM jsonb_each(f.value) AS n LIMIT 1)
                  ELSE f.value #>> '{}' END
         FROM jsonb_each(j.value) AS f LIMIT 1
       ) END AS name,
       j.value AS event,
       e.p,
       e.pos
FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data::jsonb) WITH ORDINALITY AS j (value, ordinality);

INSERT INTO meta (name, value) VALUES ('min_schema', '1');
