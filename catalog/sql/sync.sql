-- Rules of the indexer's tables that the models cannot say.
CREATE UNIQUE INDEX generations_one_live ON generations (vertical) WHERE state = 'live';
CREATE UNIQUE INDEX generations_one_coming ON generations (vertical)
    WHERE state IN ('loading', 'draining', 'swapping');
-- Deferrable, since a swap exchanges two names in one statement.
ALTER TABLE generations ADD CONSTRAINT generations_one_name UNIQUE (index_uid) DEFERRABLE;
CREATE INDEX pending_waiting ON pending (generation_id, bulk, since)
    WHERE batch_id IS NULL AND suspect IS NULL;
CREATE INDEX pending_suspects ON pending (generation_id, suspect, document)
    WHERE suspect IS NOT NULL;
CREATE INDEX pending_batch ON pending (batch_id) WHERE batch_id IS NOT NULL;
-- Both are queues: what is dead must go soon, or every look at the front walks over it.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
ALTER TABLE pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- How far each followed generation is behind the truth: changes that nobody claimed yet
-- (`unclaimed`), documents that wait or are on their way (`pending`), the age of the oldest.
CREATE VIEW sync_lag AS
SELECT g.vertical, g.id AS generation, g.state,
       count(p.id) AS pending,
       o.unclaimed,
       coalesce(extract(epoch FROM clock_timestamp() - least(min(p.since), o.since)), 0)::float8
           AS lag_seconds
FROM generations g
LEFT JOIN pending p ON p.generation_id = g.id
CROSS JOIN (SELECT count(*) AS unclaimed, min(at) AS since FROM outbox) o
WHERE g.state IN ('loading', 'draining', 'swapping', 'live', 'old')
GROUP BY g.id, o.unclaimed, o.since;
