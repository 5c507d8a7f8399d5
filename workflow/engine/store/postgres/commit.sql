WITH h AS (
  UPDATE part_head SET head = head + $n WHERE p = $p RETURNING head - $n AS base
),
rel AS (
  UPDATE instance AS i SET open_key = NULL
  FROM h, unnest($rel_id::text[], $rel_key::text[]) AS r (id, key)
  WHERE i.p = $p AND i.id = r.id AND i.open_key = r.key
  RETURNING i.id
),
won AS (
  INSERT INTO instance AS i (p, id, kind, prev_version, version, open, wake_at, open_key, logic, policy, chain, state)
  SELECT $p, c.*
  FROM h, unnest($i_id::text[], $i_kind::text[], $i_prev::int8[], $i_version::int8[], $i_open::bool[], $i_wake::int8[],
                 $i_key::text[], $i_logic::int4[], $i_policy::int8[], $i_chain::text[], $i_state::text[])
       AS c (id, kind, prev, version, open, wake_at, open_key, logic, policy, chain, state)
  WHERE (SELECT count(*) FROM rel) >= 0
    AND (c.prev = 0 OR EXISTS (SELECT 1 FROM instance AS x WHERE x.p = $p AND x.id = c.id))
  ON CONFLICT (p, id) DO UPDATE SET
    kind = excluded.kind, prev_version = excluded.prev_version, version = excluded.version, open = excluded.open,
    wake_at = excluded.wake_at, open_key = excluded.open_key, logic = excluded.logic, policy = excluded.policy,
    chain = excluded.chain, state = excluded.state
  WHERE i.version = excluded.prev_version
  RETURNING i.id
),
ev AS (
  INSERT INTO event (p, pos, id, first, version, at, actor, cause, wake_at, data, chain)
  SELECT $p, h.base + e.n, e.id, e.first, e.version, e.at, e.actor, e.cause, e.wake_at, e.data, e.chain
  FROM h, unnest($e_id::text[], $e_first::int8[], $e_version::int8[], $e_at::int8[], $e_actor::text[], $e_cause::text[],
                 $e_wake::int8[], $e_data::text[], $e_chain::text[], $e_ours::bool[]) WITH ORDINALITY
       AS e (id, first, version, at, actor, cause, wake_at, data, chain, ours, n)
  WHERE NOT e.ours OR e.id IN (SELECT id FROM won)
),
ls AS (
  INSERT INTO listing (p, id, kind, number, phase, priority, service, team, assignee, acknowledged, suppressed, on_hold,
                       exhausted, level, sla_state, next_due_at, queue_rank, queue_at, title, created_at, exercise,
                       subject, labels, category)
  SELECT $p, l.id, l.kind, l.number, l.phase, l.priority, l.service, l.team, l.assignee, l.acknowledged, l.suppressed,
         l.on_hold, l.exhausted, l.level, l.sla_state, l.next_due_at, l.queue_rank, l.queue_at, l.title, l.created_at,
         l.exercise, l.subject, l.labels::jsonb, l.category
  FROM h, unnest($l_id::text[], $l_kind::text[], $l_number::int8[], $l_phase::text[], $l_priority::int4[],
                 $l_service::text[], $l_team::text[], $l_assignee::text[], $l_acknowledged::bool[],
                 $l_suppressed::bool[], $l_on_hold::bool[], $l_exhausted::bool[], $l_level::int4[], $l_sla::text[],
                 $l_due::int8[], $l_rank::int4[], $l_queue_at::int8[], $l_title::text[], $l_created::int8[],
                 $l_exercise::bool[], $l_subject::text[], $l_labels::text[], $l_category::text[], $l_ours::bool[])
       AS l (id, kind, number, phase, priority, service, team, assignee, acknowledged, suppressed, on_hold, exhausted,
             level, sla_state, next_due_at, queue_rank, queue_at, title, created_at, exercise, subject, labels, category,
             ours)
  WHERE NOT l.ours OR l.id IN (SELECT id FROM won)
  ON CONFLICT (p, id) DO UPDATE SET
    kind = excluded.kind, number = excluded.number, phase = excluded.phase, priority = excluded.priority,
    service = excluded.service, team = excluded.team, assignee = excluded.assignee,
    acknowledged = excluded.acknowledged, suppressed = excluded.suppressed, on_hold = excluded.on_hold,
    exhausted = excluded.exhausted, level = excluded.level, sla_state = excluded.sla_state,
    next_due_at = excluded.next_due_at, queue_rank = excluded.queue_rank, queue_at = excluded.queue_at,
    title = excluded.title, created_at = excluded.created_at, exercise = excluded.exercise,
    subject = excluded.subject, labels = excluded.labels, category = excluded.category
),
al AS (
  INSERT INTO alert AS a (p, key, id, n, held, firing, count, first_at, last_at, ends_at)
  SELECT $p, x.key, x.id, x.n, x.held, x.firing, x.heard, x.first_at, x.last_at, x.ends_at
  FROM h, unnest($a_key::text[], $a_id::text[], $a_n::int8[], $a_held::bool[], $a_firing::bool[], $a_heard::int8[],
                 $a_first::int8[], $a_last::int8[], $a_ends::int8[], $a_ours::bool[])
       AS x (key, id, n, held, firing, heard, first_at, last_at, ends_at, ours)
  WHERE NOT x.ours OR x.id IN (SELECT id FROM won)
  ON CONFLICT (p, key, id) DO UPDATE SET
    n = excluded.n, held = excluded.held, firing = excluded.firing, count = a.count + excluded.count,
    first_at = least(a.first_at, excluded.first_at), last_at = greatest(a.last_at, excluded.last_at),
    ends_at = excluded.ends_at
),
bump AS (
  UPDATE alert AS a
  SET count = a.count + b.count, last_at = greatest(a.last_at, b.last_at), ends_at = greatest(a.ends_at, b.ends_at)
  FROM h, unnest($b_key::text[], $b_id::text[], $b_count::int8[], $b_last::int8[], $b_ends::int8[])
       AS b (key, id, count, last_at, ends_at)
  WHERE a.p = $p AND a.key = b.key AND a.id = b.id AND a.firing
  RETURNING a.key, a.id
),
gone AS (
  DELETE FROM outbox AS o
  USING h, unnest($g_effect::text[], $g_attempt::int4[], $g_id::text[]) AS g (effect_id, attempt, id)
  WHERE o.p = $p AND o.effect_id = g.effect_id AND o.attempt = coalesce(g.attempt, o.attempt)
    AND (g.id = '' OR g.id IN (SELECT id FROM won))
  RETURNING o.effect_id
),
claim AS (
  UPDATE outbox AS o SET attempt = o.attempt + 1, due_at = c.next_at
  FROM h, unnest($c_effect::text[], $c_attempt::int4[], $c_next::int8[]) AS c (effect_id, attempt, next_at)
  WHERE o.p = $p AND o.effect_id = c.effect_id AND o.attempt = c.attempt AND (SELECT count(*) FROM gone) >= 0
  RETURNING o.effect_id
),
ob AS (
  INSERT INTO outbox (p, effect_id, id, due_at, attempt, dest, payload)
  SELECT $p, o.effect_id, o.id, o.due_at, o.attempt, o.dest, o.payload
  FROM h, unnest($o_effect::text[], $o_id::text[], $o_due::int8[], $o_attempt::int4[], $o_dest::text[],
                 $o_payload::text[], $o_ours::bool[]) AS o (effect_id, id, due_at, attempt, dest, payload, ours)
  WHERE NOT o.ours OR o.id IN (SELECT id FROM won)
),
rq AS (
  INSERT INTO request (p, key, id, version, outcome, body_hash, at)
  SELECT $p, q.key, q.id, q.version, q.outcome, q.body_hash, q.at
  FROM h, unnest($q_key::text[], $q_id::text[], $q_version::int8[], $q_outcome::text[], $q_hash::text[], $q_at::int8[],
                 $q_ours::bool[], $q_bump_key::text[], $q_bump_id::text[])
       AS q (key, id, version, outcome, body_hash, at, ours, bump_key, bump_id)
  WHERE (NOT q.ours OR q.id IN (SELECT id FROM won))
    AND (q.bump_key IS NULL OR (q.bump_key, q.bump_id) IN (SELECT key, id FROM bump))
)
SELECT 'base' AS what, '' AS a, '' AS b, base AS v FROM h
UNION ALL SELECT 'won', id, '', 0 FROM won
UNION ALL SELECT 'bumped', key, id, 0 FROM bump
UNION ALL SELECT 'claimed', effect_id, '', 0 FROM claim
UNION ALL SELECT 'at', i.id, '', i.version
  FROM unnest($check::text[]) AS k (id) JOIN instance AS i ON i.p = $p AND i.id = k.id
