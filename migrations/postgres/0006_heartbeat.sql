-- Heartbeat monitors of the policy: what is known of each, and when it is to be looked at.
CREATE TABLE heartbeat (
  id      text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  due_at  bigint,
  data    text   NOT NULL
);
CREATE INDEX heartbeat_due ON heartbeat (due_at, id) WHERE due_at IS NOT NULL;
