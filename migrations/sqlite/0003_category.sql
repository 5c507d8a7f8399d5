-- Lists filter by category. A binary that does not know the column leaves it empty.
ALTER TABLE listing ADD COLUMN category TEXT NOT NULL DEFAULT '';

UPDATE listing
SET category = coalesce((SELECT json_extract(i.state, '$.category') FROM instance AS i WHERE i.id = listing.id), '')
WHERE kind = 'incident';
