-- Lists filter by category. A binary that does not know the column leaves it empty.
ALTER TABLE listing ADD COLUMN category text COLLATE "C" NOT NULL DEFAULT '';

UPDATE listing AS l
SET category = coalesce(i.state::jsonb ->> 'category', '')
FROM instance AS i
WHERE l.kind = 'incident' AND i.p = l.p AND i.id = l.id;
