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
