-- Heartbeat monitors of the policy: what is known of each, and when it is to be looked at.
CREATE TABLE heartbeat (
  id      TEXT    NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  due_at  INTEGER,
  data    TEXT    NOT NULL
) STRICT;
CREATE INDEX heartbeat_due ON heartbeat (due_at, id) WHERE due_at IS NOT NULL;
