-- Rules of the indexer's tables that the models cannot say.
CREATE UNIQUE INDEX generations_one_live ON generations (vertical) WHERE state = 'live';
CREATE UNIQUE INDEX generations_one_coming ON generations (vertical)
    WHERE state IN ('loading', 'draining', 'swapping');
CREATE INDEX pending_waiting ON pending (generation_id, since) WHERE batch_id IS NULL;
CREATE INDEX pending_batch ON pending (batch_id) WHERE batch_id IS NOT NULL;

-- How far each followed generation is behind the truth.
CREATE VIEW sync_lag AS
SELECT g.vertical, g.id AS generation, g.state,
       count(p.id) AS pending,
       coalesce(extract(epoch FROM clock_timestamp() - min(p.since)), 0)::float8 AS lag_seconds
FROM generations g
LEFT JOIN pending p ON p.generation_id = g.id
WHERE g.state IN ('loading', 'draining', 'swapping', 'live', 'old')
GROUP BY g.id;
