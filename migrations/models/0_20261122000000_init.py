"""The first schema: sources and jobs, cars and their offers, what the indexer keeps."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

TABLES = """
CREATE TABLE "dealers" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "phone" TEXT,
    "street" TEXT,
    "city" TEXT,
    "state" TEXT,
    "zip" TEXT,
    "lat" DOUBLE PRECISION,
    "lng" DOUBLE PRECISION,
    "url" TEXT,
    CONSTRAINT "uid_dealers_source_8132c4" UNIQUE ("source", "external_id")
);
COMMENT ON TABLE "dealers" IS 'Who sells, and where.';
CREATE TABLE "offers" (
    "vin" TEXT,
    "title" TEXT,
    "year" SMALLINT,
    "make" TEXT,
    "model" TEXT,
    "trim" TEXT,
    "body_type" TEXT,
    "drivetrain" TEXT,
    "fuel_type" TEXT,
    "transmission" TEXT,
    "condition" TEXT,
    "color" TEXT,
    "exterior_color" TEXT,
    "interior_color" TEXT,
    "engine" TEXT,
    "mileage" INT,
    "price" INT,
    "msrp" INT,
    "features" TEXT[] NOT NULL DEFAULT '{}'::text[],
    "photos" TEXT[] NOT NULL DEFAULT '{}'::text[],
    "description" TEXT,
    "stock_number" TEXT,
    "url" TEXT,
    "zip" TEXT,
    "lat" DOUBLE PRECISION,
    "lng" DOUBLE PRECISION,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "listing_key" TEXT NOT NULL,
    "card_digest" TEXT,
    "detail_at" TIMESTAMPTZ,
    "active" BOOL NOT NULL DEFAULT True,
    "problems" TEXT[] NOT NULL DEFAULT '{}'::text[],
    "first_seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "run_id" BIGINT,
    "dealer_id" BIGINT REFERENCES "dealers" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_offers_source_3d6917" UNIQUE ("source", "external_id")
);
COMMENT ON COLUMN "offers"."color" IS 'the family of the exterior colour';
COMMENT ON COLUMN "offers"."exterior_color" IS 'as the source writes it';
COMMENT ON COLUMN "offers"."mileage" IS 'miles';
COMMENT ON COLUMN "offers"."price" IS 'whole dollars; null is ''ask''';
COMMENT ON COLUMN "offers"."zip" IS 'own place, where there is no dealer';
COMMENT ON COLUMN "offers"."card_digest" IS 'of the card or row it was read from';
COMMENT ON COLUMN "offers"."detail_at" IS 'when its detail page was read';
COMMENT ON COLUMN "offers"."run_id" IS 'the run that saw it last';
COMMENT ON TABLE "offers" IS 'What one source says about one car; touched at every visit.';
CREATE TABLE "listings" (
    "vin" TEXT,
    "title" TEXT,
    "year" SMALLINT,
    "make" TEXT,
    "model" TEXT,
    "trim" TEXT,
    "body_type" TEXT,
    "drivetrain" TEXT,
    "fuel_type" TEXT,
    "transmission" TEXT,
    "condition" TEXT,
    "color" TEXT,
    "exterior_color" TEXT,
    "interior_color" TEXT,
    "engine" TEXT,
    "mileage" INT,
    "price" INT,
    "msrp" INT,
    "features" TEXT[] NOT NULL DEFAULT '{}'::text[],
    "photos" TEXT[] NOT NULL DEFAULT '{}'::text[],
    "description" TEXT,
    "stock_number" TEXT,
    "url" TEXT,
    "zip" TEXT,
    "lat" DOUBLE PRECISION,
    "lng" DOUBLE PRECISION,
    "key" VARCHAR(255) NOT NULL PRIMARY KEY,
    "active" BOOL NOT NULL DEFAULT False,
    "source" TEXT,
    "offers" INT NOT NULL DEFAULT 0,
    "price_drop" INT,
    "first_seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dealer_id" BIGINT REFERENCES "dealers" ("id") ON DELETE RESTRICT,
    "offer_id" BIGINT REFERENCES "offers" ("id") ON DELETE SET NULL
);
COMMENT ON COLUMN "listings"."color" IS 'the family of the exterior colour';
COMMENT ON COLUMN "listings"."exterior_color" IS 'as the source writes it';
COMMENT ON COLUMN "listings"."mileage" IS 'miles';
COMMENT ON COLUMN "listings"."price" IS 'whole dollars; null is ''ask''';
COMMENT ON COLUMN "listings"."zip" IS 'own place, where there is no dealer';
COMMENT ON COLUMN "listings"."offers" IS 'live ones';
COMMENT ON COLUMN "listings"."price_drop" IS 'dollars off at the last change of price';
COMMENT ON TABLE "listings" IS 'What people search: one car, as its best offer has it.';
CREATE TABLE "listing_price_history" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "listing_key" TEXT NOT NULL,
    "price" INT,
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX "idx_listing_pri_listing_5740bb" ON "listing_price_history" ("listing_key", "id");
COMMENT ON TABLE "listing_price_history" IS 'A price that a listing took on, and when; written by a trigger.';
CREATE TABLE "jobs" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "args" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL DEFAULT 'queued',
    "run_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INT NOT NULL DEFAULT 0,
    "max_attempts" INT NOT NULL DEFAULT 5,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "progress" JSONB,
    "result" JSONB,
    "error" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ
);
COMMENT ON COLUMN "jobs"."key" IS 'at most one job of a kind and key waits or runs';
COMMENT ON COLUMN "jobs"."state" IS 'queued|running|done|failed';
COMMENT ON TABLE "jobs" IS 'A piece of work as a row with a lease; whoever holds the lease does it.';
CREATE TABLE "runs" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "job_id" BIGINT,
    "state" TEXT NOT NULL DEFAULT 'running',
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ,
    "pages" INT NOT NULL DEFAULT 0,
    "items" INT NOT NULL DEFAULT 0,
    "new" INT NOT NULL DEFAULT 0,
    "changed" INT NOT NULL DEFAULT 0,
    "unchanged" INT NOT NULL DEFAULT 0,
    "failed" INT NOT NULL DEFAULT 0,
    "gone" INT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "problems" JSONB NOT NULL DEFAULT '{}',
    "error" TEXT
);
CREATE INDEX "idx_runs_source_f76b08" ON "runs" ("source", "id");
COMMENT ON COLUMN "runs"."state" IS 'running|done|failed|suspicious';
COMMENT ON TABLE "runs" IS 'One crawl of one source, or one import of a file, with its numbers.';
CREATE TABLE "sources" (
    "name" VARCHAR(64) NOT NULL PRIMARY KEY,
    "vertical" TEXT NOT NULL,
    "start_url" TEXT NOT NULL,
    "parser" TEXT NOT NULL,
    "every" INT NOT NULL,
    "rate" DOUBLE PRECISION,
    "precedence" INT NOT NULL DEFAULT 100,
    "enabled" BOOL NOT NULL DEFAULT True,
    "next_run_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
COMMENT ON COLUMN "sources"."every" IS 'seconds between two crawls';
COMMENT ON COLUMN "sources"."rate" IS 'requests a second; null is without a limit';
COMMENT ON COLUMN "sources"."precedence" IS 'lower wins between equal offers';
COMMENT ON TABLE "sources" IS 'A site or feed, as `sources.yml` says it, and when it is due.';
CREATE TABLE "generations" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "vertical" TEXT NOT NULL,
    "index_uid" TEXT,
    "state" TEXT NOT NULL DEFAULT 'loading',
    "engine_created_at" TEXT,
    "view_digest" TEXT NOT NULL,
    "settings_digest" TEXT NOT NULL,
    "last_task" BIGINT NOT NULL DEFAULT -1,
    "loaded_until" TEXT,
    "documents" BIGINT NOT NULL DEFAULT 0,
    "total" BIGINT,
    "job_id" BIGINT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "live_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ
);
COMMENT ON COLUMN "generations"."index_uid" IS 'the name its content has in the engine now; a swap exchanges two, null: gone';
COMMENT ON COLUMN "generations"."state" IS 'loading|draining|swapping|live|old|dropped|failed';
COMMENT ON COLUMN "generations"."engine_created_at" IS 'the index''s createdAt: it moves with the content at a swap';
COMMENT ON COLUMN "generations"."view_digest" IS 'md5 of the view''s definition';
COMMENT ON COLUMN "generations"."last_task" IS 'uid of the latest task that is known to be its own';
COMMENT ON COLUMN "generations"."loaded_until" IS 'the last document id that was loaded';
COMMENT ON COLUMN "generations"."documents" IS 'documents that the load has read';
COMMENT ON COLUMN "generations"."total" IS 'documents in the table at the start';
COMMENT ON TABLE "generations" IS 'One index that is or was filled for a vertical; the live one answers searches.';
CREATE TABLE "batches" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "epoch" BIGINT NOT NULL,
    "operation" TEXT NOT NULL,
    "documents" TEXT[] NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "after_task" BIGINT NOT NULL,
    "task_uid" BIGINT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "generation_id" BIGINT NOT NULL REFERENCES "generations" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_batches_generat_4a5dde" ON "batches" ("generation_id", "state");
COMMENT ON COLUMN "batches"."epoch" IS 'of the writer that made it';
COMMENT ON COLUMN "batches"."operation" IS 'upsert|delete';
COMMENT ON COLUMN "batches"."state" IS 'open|given_up';
COMMENT ON COLUMN "batches"."after_task" IS 'its task''s uid is greater than this';
COMMENT ON COLUMN "batches"."task_uid" IS 'null: the answer was lost';
COMMENT ON TABLE "batches" IS 'Documents on their way to the engine; committed before it is posted, deleted when done.';
CREATE TABLE "dead_letters" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "document" TEXT NOT NULL,
    "digest" TEXT,
    "error" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "generation_id" BIGINT NOT NULL REFERENCES "generations" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_dead_letter_generat_82a9d2" UNIQUE ("generation_id", "document")
);
COMMENT ON TABLE "dead_letters" IS 'A document that the engine refuses, with the engine''s words.';
CREATE TABLE "outbox" (
    "seq" BIGSERIAL NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN "outbox"."kind" IS 'one of the vertical''s kinds: listing, dealer, …';
COMMENT ON TABLE "outbox" IS 'Something changed that a document shows; written by triggers, deleted when claimed.';
CREATE TABLE "pending" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "document" TEXT NOT NULL,
    "since" TIMESTAMPTZ NOT NULL,
    "touched" BIGINT NOT NULL DEFAULT 1,
    "sent" BIGINT,
    "bulk" BOOL NOT NULL DEFAULT False,
    "suspect" INT,
    "batch_id" BIGINT REFERENCES "batches" ("id") ON DELETE SET NULL,
    "generation_id" BIGINT NOT NULL REFERENCES "generations" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_pending_generat_c95fff" UNIQUE ("generation_id", "document")
);
COMMENT ON COLUMN "pending"."since" IS 'when the oldest unsent change was made';
COMMENT ON COLUMN "pending"."touched" IS 'counts the changes; a guard';
COMMENT ON COLUMN "pending"."sent" IS '`touched` before the batch read the document';
COMMENT ON COLUMN "pending"."bulk" IS 'one of very many that one change touched: others go first';
COMMENT ON COLUMN "pending"."suspect" IS 'it was in a task that failed: sent with at most so many others';
COMMENT ON TABLE "pending" IS 'A document that a generation does not show yet as the truth has it.';
CREATE TABLE "writers" (
    "vertical" VARCHAR(64) NOT NULL PRIMARY KEY,
    "epoch" BIGINT NOT NULL DEFAULT 0,
    "owner" TEXT,
    "heartbeat_at" TIMESTAMPTZ,
    "version" BIGINT NOT NULL DEFAULT 0
);
COMMENT ON COLUMN "writers"."version" IS 'grows when the live index changed';
COMMENT ON TABLE "writers" IS 'Who writes a vertical''s indexes, and the number of what readers may have cached.';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
"""

# The rules, views and triggers as they were at this migration; `catalog/sql/` has today's.
RULES = r"""
-- Rules of jobs and runs that the models cannot say.
ALTER TABLE runs ADD FOREIGN KEY (source) REFERENCES sources;
CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (kind, key) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_ended ON jobs (finished_at) WHERE state IN ('done', 'failed');
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (source) WHERE state = 'running';

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

-- Cars: the places are real, and a listing is found by its dealer.
ALTER TABLE dealers ADD FOREIGN KEY (source) REFERENCES sources;
ALTER TABLE offers ADD FOREIGN KEY (source) REFERENCES sources;
ALTER TABLE listing_price_history
    ADD FOREIGN KEY (listing_key) REFERENCES listings ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE dealers ADD CONSTRAINT dealers_place
    CHECK (lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180 AND (lat IS NULL) = (lng IS NULL));
ALTER TABLE offers ADD CONSTRAINT offers_place
    CHECK (lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180 AND (lat IS NULL) = (lng IS NULL));
ALTER TABLE listings ADD CONSTRAINT listings_place
    CHECK (lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180 AND (lat IS NULL) = (lng IS NULL));
CREATE INDEX offers_listing ON offers (listing_key);
CREATE INDEX listings_dealer ON listings (dealer_id) WHERE active;
-- A sighting writes only columns without an index, so that its row stays on its page.
ALTER TABLE offers SET (fillfactor = 85);

-- The document of each car that can be searched. It never depends on the clock.
CREATE VIEW cars_documents AS
SELECT l.key AS id, sealed.digest, written.body || jsonb_build_object('digest', sealed.digest) AS body
FROM listings l
LEFT JOIN dealers d ON d.id = l.dealer_id
CROSS JOIN LATERAL (
    SELECT coalesce(l.lat, d.lat) AS lat, coalesce(l.lng, d.lng) AS lng
) place
CROSS JOIN LATERAL (
    SELECT jsonb_build_object(
        'id', l.key,
        'vin', l.vin,
        'title', l.title,
        'year', l.year,
        'make', l.make,
        'model', l.model,
        'trim', l.trim,
        'body_type', l.body_type,
        'drivetrain', l.drivetrain,
        'fuel_type', l.fuel_type,
        'transmission', l.transmission,
        'condition', l.condition,
        'color', l.color,
        'exterior_color', l.exterior_color,
        'interior_color', l.interior_color,
        'engine', l.engine,
        'mileage', l.mileage,
        'price', l.price,
        'msrp', l.msrp,
        'price_drop', l.price_drop,
        'features', l.features,
        'photos', l.photos,
        'description', l.description,
        'url', l.url,
        'stock_number', l.stock_number,
        'source', l.source,
        'offers', l.offers,
        'dealer', CASE WHEN d.id IS NOT NULL THEN jsonb_build_object(
            'id', d.id, 'name', d.name, 'phone', d.phone,
            'city', d.city, 'state', d.state, 'zip', d.zip) END,
        'city', d.city,
        'state', d.state,
        'zip', coalesce(l.zip, d.zip),
        '_geo', CASE WHEN place.lat IS NOT NULL THEN jsonb_build_object(
            'lat', place.lat, 'lng', place.lng) END,
        'listed_at', extract(epoch FROM l.first_seen_at)::bigint
    ) AS body
    OFFSET 0 -- build the body once, though it is used twice
) written
CROSS JOIN LATERAL (SELECT md5(written.body::text) AS digest) sealed
WHERE l.active;

-- What changed, into the outbox: only where a column of a document differs.
CREATE FUNCTION listings_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, key) SELECT 'listing', key FROM new_rows WHERE active;
    INSERT INTO listing_price_history (listing_key, price)
        SELECT key, price FROM new_rows WHERE price IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION listings_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, key)
    SELECT 'listing', key
    FROM old_rows o FULL JOIN new_rows n USING (key)
    WHERE (o.active OR n.active) AND
        (o.active, o.vin, o.title, o.year, o.make, o.model, o.trim, o.body_type, o.drivetrain,
         o.fuel_type, o.transmission, o.condition, o.color, o.exterior_color, o.interior_color,
         o.engine, o.mileage, o.price, o.msrp, o.price_drop, o.features, o.photos, o.description,
         o.url, o.stock_number, o.source, o.offers, o.dealer_id, o.zip, o.lat, o.lng,
         o.first_seen_at)
        IS DISTINCT FROM
        (n.active, n.vin, n.title, n.year, n.make, n.model, n.trim, n.body_type, n.drivetrain,
         n.fuel_type, n.transmission, n.condition, n.color, n.exterior_color, n.interior_color,
         n.engine, n.mileage, n.price, n.msrp, n.price_drop, n.features, n.photos, n.description,
         n.url, n.stock_number, n.source, n.offers, n.dealer_id, n.zip, n.lat, n.lng,
         n.first_seen_at);
    INSERT INTO listing_price_history (listing_key, price)
        SELECT n.key, n.price
        FROM new_rows n LEFT JOIN old_rows o USING (key)
        WHERE n.price IS DISTINCT FROM o.price;
    RETURN NULL;
END $$;

CREATE FUNCTION listings_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, key) SELECT 'listing', key FROM old_rows WHERE active;
    RETURN NULL;
END $$;

CREATE FUNCTION dealers_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, key)
    SELECT 'dealer', n.id::text
    FROM old_rows o JOIN new_rows n USING (id)
    WHERE (o.name, o.phone, o.city, o.state, o.zip, o.lat, o.lng)
        IS DISTINCT FROM (n.name, n.phone, n.city, n.state, n.zip, n.lat, n.lng);
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of % would not reach the index: use DELETE', TG_TABLE_NAME;
END $$;

CREATE TRIGGER listings_inserted AFTER INSERT ON listings
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION listings_inserted();
CREATE TRIGGER listings_updated AFTER UPDATE ON listings
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION listings_updated();
CREATE TRIGGER listings_deleted AFTER DELETE ON listings
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION listings_deleted();
CREATE TRIGGER listings_truncated BEFORE TRUNCATE ON listings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER dealers_updated AFTER UPDATE ON dealers
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION dealers_updated();
CREATE TRIGGER dealers_truncated BEFORE TRUNCATE ON dealers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Derive the listings of these keys from their offers, in the caller's transaction.
-- Precedence: live before gone, the source's rank, a known price, the lower price, the older offer.
-- The rows are made and locked first and in order of key: of two writers of one car the second
-- waits here, and then sees the first one's offer. Returns how many listings changed.
CREATE FUNCTION refresh_listings(keys text[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    INSERT INTO listings (key) SELECT DISTINCT unnest(keys) AS key ORDER BY key
        ON CONFLICT (key) DO NOTHING;
    PERFORM 1 FROM listings WHERE key = ANY (keys) ORDER BY key FOR UPDATE;

    WITH ranked AS (
        SELECT DISTINCT ON (o.listing_key) o.*, count(*) FILTER (WHERE o.active) OVER (PARTITION BY o.listing_key) AS live
        FROM offers o JOIN sources s ON s.name = o.source
        WHERE o.listing_key = ANY (keys)
        ORDER BY o.listing_key, o.active DESC, s.precedence, o.price IS NULL, o.price, o.id
    ), best AS (
        SELECT k.key, b.*, b.id IS NOT NULL AS known
        FROM (SELECT DISTINCT unnest(keys) AS key) k LEFT JOIN ranked b ON b.listing_key = k.key
    )
    UPDATE listings l SET
        active = coalesce(b.active, false), offers = coalesce(b.live, 0), source = b.source,
        offer_id = b.id, dealer_id = b.dealer_id, vin = b.vin, title = b.title, year = b.year,
        make = b.make, model = b.model, trim = b.trim, body_type = b.body_type,
        drivetrain = b.drivetrain, fuel_type = b.fuel_type, transmission = b.transmission,
        condition = b.condition, color = b.color, exterior_color = b.exterior_color,
        interior_color = b.interior_color, engine = b.engine, mileage = b.mileage,
        price_drop = CASE WHEN l.price IS NOT DISTINCT FROM b.price THEN l.price_drop
                          ELSE nullif(greatest(l.price - b.price, 0), 0) END,
        price = b.price, msrp = b.msrp, features = b.features, photos = b.photos,
        description = b.description, stock_number = b.stock_number, url = b.url, zip = b.zip,
        lat = b.lat, lng = b.lng, changed_at = now()
    FROM best b
    WHERE l.key = b.key AND b.known AND
        (l.active, l.offers, l.source, l.offer_id, l.dealer_id, l.vin, l.title, l.year, l.make,
         l.model, l.trim, l.body_type, l.drivetrain, l.fuel_type, l.transmission, l.condition,
         l.color, l.exterior_color, l.interior_color, l.engine, l.mileage, l.price, l.msrp,
         l.features, l.photos, l.description, l.stock_number, l.url, l.zip, l.lat, l.lng)
        IS DISTINCT FROM
        (b.active, b.live, b.source, b.id, b.dealer_id, b.vin, b.title, b.year, b.make,
         b.model, b.trim, b.body_type, b.drivetrain, b.fuel_type, b.transmission, b.condition,
         b.color, b.exterior_color, b.interior_color, b.engine, b.mileage, b.price, b.msrp,
         b.features, b.photos, b.description, b.stock_number, b.url, b.zip, b.lat, b.lng);
    GET DIAGNOSTICS changed = ROW_COUNT;

    -- An offer that moved to another car (its VIN became known) leaves its old listing behind.
    UPDATE listings l SET active = false, offers = 0, changed_at = now()
    WHERE l.key = ANY (keys) AND l.active
        AND NOT EXISTS (SELECT FROM offers o WHERE o.listing_key = l.key);
    RETURN changed;
END $$;
"""

DOWN = """
DROP VIEW sync_lag, cars_documents;
DROP TABLE listing_price_history, listings, offers, dealers, dead_letters, pending, batches,
    generations, outbox, writers, runs, jobs, sources;
DROP FUNCTION refresh_listings, listings_inserted, listings_updated, listings_deleted,
    dealers_updated, refuse_truncate;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return TABLES + RULES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXWtz2zbW/isYfXEyo+0kzq2v88mx3a53Hbtju9udTTsqJEIS1xShEKAVvXX+++IApH"
    "gDaYGWRcjGl8QicXh5Dnhw7virN6MeCdgPxwQHJOodoL96IZ4R8UfpTB/18HyeHYcDHA8D"
    "OdSTY+QxPGQ8wiMuDo9xwEgfzrJR5M+5T0MY/NuUIkaCgPURDj20mJKI/ACkHh0JWj+cNI"
    "6KQ/9rTAacTgifykf+8qXHaByNCJwm3ziJQhwMfK/3xx/igB965BthMA5+zm8GY58EXuFV"
    "xVhxSh4f8OVcHvvkT05D/pMcCw83HIxoEM/CbPx8yac0XBH4IYejExKSCHMCd+BRDACEcR"
    "AkUKWYqLfIhqinzNF4ZIzjAGAEavUA2bHeYHB+cT24OrkeDHoViFOKHJ7JoRENgT3iUZkE"
    "YAKP8Lf/299/8+bD/qs373989/bDh3c/vvpRjJXPWz314bt6mAwtdSmJ2enPp+fX8EBUzA"
    "E1N+DAd0mDOVZUkhkZ+hnzihy4FrzU459RlHggXq7MgxTxJiakBzIuZHN3C2xoQPT65N8S"
    "zxljXwM4cP6vw8ujvx9evvh8+O+X8swyOXN2cf5zOjyD//zo7OKTZEAGeP4bMUC9ROagbw"
    "G9/N8A83S8A7sF2HMBmRHaK4JWcCeS+7miLe5NCDcS4ysKh7c53iOfL03QTsc7rNvMbQGN"
    "2dROCBza5mj/vz83wToZ7pA2RzrAGoH9U0BxDdTJ+BLUYyB4UmAfX/z66ewE/XJ5cnR6dX"
    "pxXoBXnYRD4oDPJQSXJ4dnZWzFrY2wVeMdtmtgG0eBiYRIhjsJsZ6EAD/J+CZnq8OBIR7d"
    "LHDkDQpnctPdZ1w8ONN4UhLKn/55SYQAgReuMiPxNp2pq+wsX7KjySMWpi0djxM3WXuELu"
    "AaTwgfmFt0n9bNtuqp2f6sfASHeCJfCe4NdyrNJo1bMzfR6v2a+Tm9jmMTczQndB4QxAiO"
    "RtMDJOxJNMJRH2GGfM7QkDCO5DRAU3lI5/lsexmNa3RdD+gN0dgSR1Mc6QVqMnwzXoluXa"
    "Az/G0QkHDCp+Ln/rt3DQI2Fadi1MuS5ExO7atzzf7OWz80WbyS4W7xMldvuc8DI7NtReDQ"
    "Nkd7KYRVFeyrGQ6C2khKSnN/LMV+vJNoypv9D+9X8RP40RQxufp8eHaWhkhyixS+MZq36X"
    "g3bc2nrVz3jcBOCRzaLURy5M+MJHIy3mFtjvWQekuFmAHgBSKHujnqXuTfEnl/E9iLVA53"
    "c9zHMQmMZ3uByKHeRp7jkM18xhKnxfpyvUjnsG8RAaSh53ND4AtEDvU2qAdUY+c0IZ4QWI"
    "x2j0+JuNDMD5aIjhH8kuk+Po0QPH8clf1UdjAjfciBMVeqlDazBzPJE5X4hhaRzwm4/exk"
    "irhvS6ZUKS1mirUSioQT3yzxKaNweLfwIPgBwRMN4LVurxyFxZ4v+ZhsPRmTOL/2X7/98P"
    "bHN+/frjxgqyNNbrCqB2we+bqc4FpEV+NtxnMxpQFBHhX3jdhHeQXkM7SH2c1eNzDPWKTJ"
    "tamft8lwi0E2ddduDMoxwTyOiCa8exhFeFljf+aISqBC8HENVDeX5Hv1NThWv1783tv76/"
    "vewQEXK8aXP37vvXw8afzlj2rWLqdmKGYkDkPlg8rdxkANKJE5XaBNpigd3QzCeDYkRppv"
    "mc5hb469ywpzGbptVTO6CNE8wCNxIVlrCOa2+FdoZyFF3qoG0j5WuBRel8K7i9jiEfdvNR"
    "beJypsJBzqAc6IShgPBdU2FT19CuAmsP10cXFWEBKfTstS4NfPn04uX7x+WcS4apFsvbB2"
    "d2bwo4jiuvTeWnM6I2hlUG9sNr+qroeB+M4g7bRL98/Ai6iJd6JIZLGPope4gCCFF2EuXf"
    "sBZhyNpjicEIjArPxZHTgy/IjxASMkHOh0i2OBHvdnpMahUSYuscFLqH9I/9iqeX5OFy8e"
    "yw4//XxydX34+ZeCWDk+vD6BM/vFJTI5+uJ9KY94dRH02+n13xH8RP+5OJer6ZwyPonkHb"
    "Nx1//pwTPhmNNBSBcD7OXRSA+nh4pxTDnXvBY8LlI6BlvKYGW1aJs8NDU3KZBZLERNHb1b"
    "6XJSUgaMwc9TOexNsK8UrZVYoTHkaET8SfhPorzKp+LBcajVfp9m6ZU4HOHFqhioMPfEy4"
    "tXJsqyEA+Azn89O+tpxMsGYM06TD1NXAsCtQDspZDxl6dHYvrWV1g+Zn2cmtCa6rjVTK+v"
    "jctslzUr46CGLclfYXjJEB7SmKeVbR8Rp/FoSjxQh8ktiZbo1me15XHtr+Xah+2icO8jV0"
    "5npqy6crpdR9uV00np4srpdmvaunI6V073NLF25XRdoO7K6Vw53fNB3ZXTuXK654a6K6ez"
    "hhmunM5CprhyOldO95zwduV0rpzOldNZArKpu9aV01lWCubK6R6OoSunc+V0zw97V07nyu"
    "lcOR0cdOV0rpzOcmzdJopbFhRuE8XuZLTalmGg3bSgHvoSmYO+TbQGco49f0KYZplsiNkU"
    "yazWXFS4Bp4Y0QhFdIF8jhaYoYhgD40jOrNTc/EIx37QopyrQLiBaq6tef9IKDdDUc+P5n"
    "hCVnx6OIt2rdprt+vpV2nrFpfTzyMq3npm6EvLETlvmlLgXX3xcxBIUNDelstlWsdkS5ns"
    "isifOIOjODQuYs5oLA5syhQt8aRC28ccMSzVfJA766mO3RSVu5J+i8rKXQF0Os8etQDabT"
    "Hb5Raqv0Ai0JFcq3uaQvH86f4aW6kOVI+mqfhFI+mGu796/FA1Q1KCGqPkSohTeoNo2Ec4"
    "9CDIFH6UiZychGi4FOMEmJMJiaoV5Bu43v07rX4puxvTgnJXQW5dBbnzJ3fmtHyKeYmdpc"
    "yZG2HO+LLO+KoonN20hvkHHerWezjcuM7/lw7XbAojlmGfjGSzwwWNbmBrcyzDLQufT2Fd"
    "JpgRsQZPKfRwQVMqHlt1SoQTyKNEv3/6Bq/7gA3V3Yre5Yp+I17eZClPx7s1vMUabqg27Y"
    "C6JNZFNBOyXHaUEhINZAlGMEmkcSDeAC0whB4hQByHa9Z0bJsvONKZyv+4ujivUQaS8WV1"
    "wB9xdIe2Hq366/vjfAMAQDPWZVhLKztcoJqnLCAx+QpWBB1/B4I8Jp7mE1An7sT0DgXQd5"
    "74FO7G2A/IBmLrjzHbwelsrgBnVE4JtkgJLlo1nMzm3KSvep7Ets7qnVmHM/xt0ALLMlm3"
    "eL6zB09pLgzoIjSrTCmRWZwKZ63CqSCMQ+5rClTuSSwoku5MttuzlPzziMLljJTYPM2DFN"
    "nd4eujKLTiFDy/AfIZhcO9Pe4kigwbr6QEbiVpkc4eEcCmTfpSgdIZD5YuIcLMjtoxuEjp"
    "FAWbuTz2Q59NW7G5ROr4bBufLYmHXcZhTxMPg8P9pnhY6h6+Px52AbsXRHgRgLc52+CgD0"
    "5m+OnP5jTiyhU99gNxQga0wA2t+hywaixsQ9dcJ90lKyd1mS7WxsVclfCWFcz/0qFxtm5G"
    "84SSXLacKL2z8Zgk3qIJyGgiMXcsZnN/5NPY0hCkReq3s6+c5m3PWrNrfIbiapOo0Wq8C7"
    "+lii/Xlg7XK75cXzX8fBEMycIAv2S0Q69YqWmAYI7CoZj2xAvNcSzQOCRTzWGVS7QmjBmB"
    "wzDBcEJ1fclrEUyHO/zSHZ2WXKfVNBnnK5JdB3HbBjmBnVI0YDf0/8vRtOwBaAPeDdBtov"
    "FffVeaxiSJuqY0Ltu374L03TuRLIn6XCnvtybwc7Xyi9fHfpTvfO1yKCY+cgjMjAnx+lC2"
    "9GdygR+Ws+BPtdG1z7P6ZGhY4TPkxURXBPXAqz2g9En+X/k4jqY4qrHUkvGb8bx2G+WBbN"
    "mAhBM+FT/fv234VNIP4/3bshRKzuzLU/fsfU0i7o+wUZ/uPI2L6bR1ag8Mu6MXiBzsbUrF"
    "ccTMUq0zCgd4mw7HQlJoKvtqTaPV+G5No3tK+xKjAg0JXxCx7PEFVSkSHe3MFGkDlQ1WUa"
    "QPVNrVFr0XEXF5xqH2WiGe7c8EKSY0Vq1XZhvYdG8zVhQZEY+Ehs0o8kTdzvrXr6omai+g"
    "CxIJvMNsugu2YMgGGpOoowlPQnh3XU5EU6faHJVrVXtvq9pQrImDdhWRJVIXebcoImuJVf"
    "wJ89G0pzGK1Yl+k008hCHr2sTHdBTPSAiF9tCnkfhCmOEl4lTtqCt32fyIRnQ2gz5dnhBy"
    "Ywq7zEhLFgAH01d1m0uMXEieqVrLj3ifdVInk+8n6VqnMpFcBqWdGZRkTtUUX58BKxKr9e"
    "Jk3wO5F3KkeuPNsEfW3hW5m7ACnee+nHXtwgKRzaZhL54LA5bfJQ0zH7zGPcq2E6nsrHKg"
    "oS1+garrvvhbMc8rbfB3NkVVfD6hToCIw3cT/5aEg3hu51x18d6tCWY8FsvIgGN2Y4Z3kc"
    "7qFROqZOBB9xiKfQ9UwYksCpWrJ+iRvpmFvWUOwaMPYlNtMk9lcXmCvOOB1GhwyKQXBDMU"
    "ULvbu7ty5CdotBcStlaWnnFVUIXUZtlo4eJU8Z3ouKJxxJs28/+5cLEdY8f3dNbd09G/Mh"
    "kLXf2PDq+ODo9P1mvqL7RGz9dtDGvS0/+X7CJWLD8PBvxRe/ofE+ydEc6lO6rixMud7Td5"
    "8jwxbhDIgWunuKRmn/IvZM41FJFxzAhL6o+zE0K3WtDI05Q2P/RiGsdc2ROX3kA541zXXx"
    "vEeL/BN7fiV4UH9UZ1nsZmV5C1WQLmm8HuxD6w1uK95dzT5z693Z4KzgRzJpgzwTq3CPqb"
    "NsEe08LIcUBjYRT5U29hZK9o0EJJsk2ZBL5s0A+Ov7EfBMRDY/ETozQB+qPa9cO/JbIXkv"
    "ITMsQIjiBFQd9NabOXdxuMWCyumkwNl3jfgS4mX1MfsqhHvUBkscEh96OFN5Xd1wTSHFwb"
    "UyFd/DDv3BB6zUdIql3gOSLfVGU5gyzmPlIxj7TK1z7+7WzEO6A4dS9WMmzlmTsPUIU/gC"
    "9z+AME/x0NPHGKzufEs3rzDDW3Bk3xpwYDU0ds+5cmL7knPjT11If8ANL5ZvSWsMxtmH6F"
    "cp9Q4Kyd3Lv1yWJg7ocpkdm8JPVm3juUZKjBYwvGCVLxxeVctZYxhREuNytuwRgNqc3MsV"
    "ZfgN3cW6SgFMi6NfH/9rr6KUCuSfIpBOIRGJdJKCuT5EYoCCGkLg+VJiF+rfeBdJPyAAuo"
    "WDRqNvNo2EalRGf7egOTKotYCRZKfqmkFHgTO4VYQ3Jn0xfUlN3ZeeJc9nRZ4BB4IHVtoQ"
    "2syYqOkrYo1xmdjRlbKYnN6VoZTxJrRzqBUMIeWTxtM1tcm99ucHeNWLa5Grj0xCceGwOf"
    "RQvu5shcF1+b+eu6NT9dPhvUBucKYrJq3PbJl6uq3910R1RzLwsWUCnLsT1MxbzKp4jVll"
    "N5dwajx4y0X8R8SL/1NFH25Ey/KcJOszH3Btev6IzwqQAAJe2MlfmMM68Gm9IF+yhLiDkJ"
    "0XApXt+fTMSXU6qOHwVYrBFeNcL+SPd4QJidka9mZl1C4ALtmwm034iXNzHw0vE2O8x7kA"
    "+SRjOSpIA9huDR2YFsvSr4AtMZByTqo9/j/Vf77+10EN4QTYewBu4QXYMwq5hjrfX9JDJR"
    "r74Gx+rXi71RQEc3A3gExvFs/uLl3nO2wy3p7ZOqXxqFIqeZ1WsUOR3QvCAIoyzlT5wiDI"
    "VULfloSTg0sZWu4SjmU5UZw++vC2p5TVce9ORUCVce1EUahK/tqXjP5m++Pr+727WrWaeT"
    "RgeIEhp4EJSPQwYySNkxMtAL7ZQersXtwlpWjFjGo6m23WNjzHJF1HFbzSqjRzRWsWOSMJ"
    "dBPuYkFkuvzSFKppV8zZasVu7ZFJ7s/ZnMlD/TnnzAFunVlKF8+TMvw23lzjAOdFlKTR1R"
    "U5KO26HWqHaJiQstoYXgC5dKGYOjiURMGHeAKOhXDE0oGvvRuv1ZmgDfXBtV2F6VjDSfTf"
    "03k1HY/Nn4KvXID4XkyrLHVIbyAZILl0yChSaAYj1AjComKl4ZfUib26wJvmrjLIs8lcUc"
    "sVKVdkWTFrDBFU1uv2iyInY2gO+6UVLL5M26yOblbAFU8QDo/Nezs65KUX+TDW17Gn9Wcq"
    "bf5M5S7XDXLD/9bUpV/1yWKwPdYyhxDam9lmSZVzwbkgj0owWsu6Cpggo0w0s0xbdCRcKg"
    "GlV9W49xgwfExuqLIOs3e9p8EeSz2vBpd9tP71wHU7oIzbYbWhG43FJzP+GU4IgPCeYtct"
    "PKtC45zWaHoFgBmFZlbRJiOSLbxFhvEtEFQyv/r+z4oNpE5Pb9tknKWRJqPCSRr99HJDnT"
    "qJnhbMx9iln9Z7bh/hvPJZD3QJ9OY1sNvWxoVChrJMNuBuiKGuX+u3drqJRiVK1OKc+VMk"
    "nmcxOEk+FPEN3Xr16tga4YVYuuPFeqklFNA6oI1+/HnSOxZDvuR1dbNrYvd6eL2ff/AQ/h"
    "J98="
)
