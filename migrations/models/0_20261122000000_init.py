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
    "index_uid" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'loading',
    "engine_created_at" TEXT,
    "view_digest" TEXT NOT NULL,
    "settings_digest" TEXT NOT NULL,
    "loaded_until" TEXT,
    "documents" BIGINT NOT NULL DEFAULT 0,
    "total" BIGINT,
    "job_id" BIGINT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "live_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ,
    CONSTRAINT "uid_generations_index_u_c8495f" UNIQUE ("index_uid")
);
COMMENT ON COLUMN "generations"."index_uid" IS 'the name it was built under';
COMMENT ON COLUMN "generations"."state" IS 'loading|draining|swapping|live|old|dropped|failed';
COMMENT ON COLUMN "generations"."engine_created_at" IS 'the index''s createdAt: it moves with the content at a swap';
COMMENT ON COLUMN "generations"."view_digest" IS 'md5 of the view''s definition';
COMMENT ON COLUMN "generations"."loaded_until" IS 'the last document id that was loaded';
COMMENT ON COLUMN "generations"."documents" IS 'documents sent by the load';
COMMENT ON COLUMN "generations"."total" IS 'documents in the view at the start';
COMMENT ON TABLE "generations" IS 'One index that is or was filled for a vertical; the live one answers searches.';
CREATE TABLE "batches" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "epoch" BIGINT NOT NULL,
    "operation" TEXT NOT NULL,
    "documents" TEXT[] NOT NULL,
    "touched" BIGINT[] NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "task_uid" BIGINT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ,
    "generation_id" BIGINT NOT NULL REFERENCES "generations" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_batches_generat_4a5dde" ON "batches" ("generation_id", "state");
COMMENT ON COLUMN "batches"."epoch" IS 'of the writer that made it';
COMMENT ON COLUMN "batches"."operation" IS 'upsert|delete';
COMMENT ON COLUMN "batches"."touched" IS 'Pending.touched of each document';
COMMENT ON COLUMN "batches"."state" IS 'open|done|failed|given_up';
COMMENT ON TABLE "batches" IS 'Documents on their way to the engine; committed before it is posted.';
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
    "batch_id" BIGINT REFERENCES "batches" ("id") ON DELETE SET NULL,
    "generation_id" BIGINT NOT NULL REFERENCES "generations" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_pending_generat_c95fff" UNIQUE ("generation_id", "document")
);
COMMENT ON COLUMN "pending"."since" IS 'when the oldest unsent change was made';
COMMENT ON COLUMN "pending"."touched" IS 'counts the changes; a guard';
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
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (source) WHERE state = 'running';

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
    "eJztXW1z07gW/iuafCnM5DJQKHDhU992t3tLy7TlsrMs41ViJfHWsYIkN+RS/vuVZDt+k1"
    "3LTWMl1RdoLB3HeY58dN71ozfFLvLpsyMEfUR678CPXgCniP9RGOmDHpzN0uviAoMDX051"
    "5Rx5DQ4oI3DI+OUR9Cnqi1E6JN6MeTgQkz9PMKDI92kfwMAF8wki6JkgdfGQ03rBuHZWGH"
    "jfQuQwPEZsIh/5y5cexSEZIjGMvjNEAug7ntv7+pVf8AIXfUdUzBMfZ9fOyEO+m/upfC4f"
    "ktcdtpjJawfe+CRgv8i54uEGzhD74TRI588WbIKDJYEXMHF1jAJEIEPiGxgJBQBB6PsxVA"
    "km0a9Ip0RPmaFx0QiGvoBRUEcPkF7rOc7Z+ZVzeXzlOL0SxAlFBs/40hAHgj38UakEYCwe"
    "4V//3t19+fLN7vOXr9/uvXrzZu/t87d8rnze8tCbn9HDpGhFt5KYnfx6cnYlHgjzNRCtDX"
    "Hhp6SBDEZUkhkp+inz8hy44rxU459SFHjAf1yRBwnidUxILqRcSNfuGthQg+jV8R8Szyml"
    "33xx4ey/+xeHv+1fPPmw/8dTObKIR07Pz35Npqfwnx2enh9IBqSAZ98RDdQLZBb6FtDL/z"
    "UwT+ZbsFuAPeOQaaG9JGgFdyy5Hyva/LsRYlpifElh8dbHe+ixhQ7ayXyLdZu1zaHRW9ox"
    "gUVbH+3/eTMdrOPpFml9pH2oENi/+BhWQB3PL0A9EgRbBfbR+aeD02Pw8eL48OTy5PwsB2"
    "80KC7xCx6TEFwc758WseVfrYVtNN9i2wDbkPg6EiKebiVEMwkh/CSj64ytLi4M4PB6Donr"
    "5EYyy92jjD84VXhSYspf/nOBuAARP7jMjNjbdBrdZWP5kl6NHzG3bPFoFLvJ2iN0Lu6xRf"
    "iItYV3cdVqKw9Nd6fFKzCAY/mTxHeLbyqsJoVbM7PQqv2a2TXdxLEJGZghPPMRoAiS4eQd"
    "4PYkGELSB5ACj1EwQJQBuQzARF5SeT7b3kbhGm3qAb1GClvicAKJWqDG01fjlejWBTqF3x"
    "0fBWM24R939/ZqBGwiTvmspwXJGQ/tRmP1/s4bL9DZvOLpdvPSV2+Zx3wts21JYNHWR3vB"
    "hVUZ7Msp9P3KSEpCc3csxXy842jKy903r5fxE/GhLmJy+WH/9DQJkWQ2KXittW6T+XbZ6i"
    "9bue9rgZ0QWLRbiGTiTbUkcjzfYq2P9QC7iwgxDcBzRBZ1fdRd4t0g+f06sOepLO76uI9C"
    "5Guv9hyRRb2NPIcBnXqUxk6L5nI9T2exbxEBxIHrMU3gc0QW9Tao+1hh59QhHhMYjHaPTR"
    "C/0dTzFwCPgPgk0308TIB4/pAU/VRmMCN5SEebK2VKk9kDqeRJlPgG5sRjSLj9zGQK/96W"
    "TClTGswUYyUUCsaeXuJTSmHxbuFB8HwExwrAK91eGQqDPV/yMWkzGRM7v3ZfvHrz6u3L16"
    "+WHrDllTo3WNkDNiOeKie4EtHlfJPxnE+wj4CL+fcS+l7eAXgU7EB6vdMNzFNKFLk21es2"
    "nm4wyLru2pVBOUKQhQQpwrv7hMBFhf2ZISqAKoKPDVBdXZLv5Tf/KPr05K/ezo+fO+/eMb"
    "5jfPn6V+/pw0njL1/LWbsM66GYklgMIx9U5ms01IACmdUF2mSK4uG1E4TTAdLSfIt0Fnt9"
    "7G1WmM3Qbaua4XkAZj4c8hvJWkNhbvN/uXYWYOAuayDNY4VN4bUpvJuILRwy70Zh4R1gbi"
    "PBQA1wSlTAeMCp1qnoqVMAV4Htwfn5aU5IHJwUpcCnDwfHF09ePM1jXLZI1l5Yuzkr+EFE"
    "cVV6b6U5nRK0MqhXtpqfl/dDn79nIu20S/eP4xKs453IExnso+jFLiCRwgsgk659H1IGhh"
    "MYjJGIwCz9WR04MjxCmUMRChyVbnHE0WPeFFU4NIrEBTa4MfWz5I+1mudneP7koezwkw/H"
    "l1f7Hz7mxMrR/tWxGNnNb5Hx1SevC3nEy5uAzydXvwHxEfx5fiZ30xmmbEzkN6bzrv7siW"
    "eCIcNOgOcOdLNoJJeTS/k4plxrbgse5yktgw1lcGS1KJs81DU3yZEZLER1Hb1r6XJSUAa0"
    "wc9SWex1sC8VrRVYoTDkMEHeOPgPirzKJ/zBYaDUfrez9IpfJnC+LAbKrT3+4/lPRpFlwR"
    "8AnH06Pe0pxMsKYE07TG0nrjmBmgP2gsv4i5NDvnyrKywfsj4uWtCK6rjlSq+ujUttl4aV"
    "caKGLc5foXBBARzgkCWVbe8Bw+FwglyhDqMbRBbgxqOV5XHt72Xbh22icO8DW06np6zacr"
    "pNR9uW00npYsvpNmvZ2nI6W063nVjbcrouULfldLac7vGgbsvpbDndY0PdltMZwwxbTmcg"
    "U2w5nS2ne0x423I6W05ny+kMAVnXXWvL6QwrBbPldPfH0JbT2XK6x4e9Laez5XS2nE5ctO"
    "V0tpzOcGztIYprFhT2EMXuZHR0LIOjPLSgGvoCmYW+TbRG5By73hhRxTZZE7PJkxmtuUTh"
    "GvHEABNA8Bx4DMwhBQRBF4wInpqpubiIQc9vUc6VI1xBNdfavH8okIehRM8PZnCMlny6P4"
    "s2rdprs+vpl2nrBpfTzwjmv3qq6UvLEFlvWqTA2/rixyCQREF7Wy4XaS2TDWWyLSLfcgaT"
    "MNAuYk5pDA5syhQt/qRc24cMUCjVfCF3mqmO3RSV25J+g8rKbQF0ss4etADaHjHb5RGqH0"
    "Ui0KHcq3uKQvHscL/BUapO1KNpwj9hIt1wd1eP70fNkCJBDUF8J8AwvgY46AMYuCLIFLyX"
    "iZwMBWCw4PM4mOMxIuUK8hXc7+6TVr8U3Y1JQbmtIDeugtz6kztzWm5jXmJnKXP6Rpg1vo"
    "wzvkoKZzetYX7HA9V+Ly7X7vP/4EHDpjB8G/bQUDY7nGNyLY42hzLcMvfYROzLCFLE9+AJ"
    "Fj1cwATzx446JYoB4GKkPj99hfe9x4Hqdkfvcke/5j9eZytP5ts9vMUerqk2bYC6xPdFMO"
    "WyXHaU4hJNyBIIxCKRxgH/BWAORehRBIjDoGFNx7r5AonKVP798vysQhmI5xfVAW/IwC1Y"
    "e7Tqx8+HeQcEAPVYF2Et7OziBuU8ZQ6JzluwJOj4PeDkIXIVr0A0cMuXd8CBvnX5q3A7gp"
    "6PVhBbf4jVLpzO+gpwSmWVYIOU4LxVw9B0xnT6qmdJTOus3pl1OIXfnRZYFsm6xXPPHDyl"
    "ueDgeaBXmVIgMzgVzliFM4IwDJinKFC5I7EgT7ox2W6PUvLPCBa301JiszT3UmQ3h68Pot"
    "DyIfH8GsinFBb39rgjQjQbryQEdidpkc5OkMCmTfpSjtIaD4ZuIdzMJu0YnKe0ioLJXB55"
    "gUcnrdhcILV8No3PhsTDLsKgp4iHicv9unhY4h6+Ox52Lk4vIHDuC29zesBBXziZxUdvOs"
    "OERa7okefzARnQEm7oqM8BLcfCVnTPJukuaTmpzXQxNi5mq4TXrGD+gwfa2bopzRYluaw5"
    "UXpj4zFxvEURkFFEYm5pSGfe0MOhoSFIg9Rva19ZzducvWbT+CyKq3WiRsv5NvyWKL5MWT"
    "pcrfgyddXw40UwQHMN/OLZFr18paYGghkKi2LSEy/QxzFHY5FMNIdlLlFDGFMCi2GM4Rir"
    "+pJXIphMt/glJzotmEqrqTPOlySbDuK6DXIkTkpRgF3T/y9D07IHoAl410C3isZ/1V1pap"
    "MkqprS2Gzfvg3Sd+9EMiTqcxl5vxWBn8ulX7w69hP5zhuXQ1H+kovAzAghty/Klv6Ob/Bs"
    "MfX/jg669lhanywaVngUuCFSFUHd8273KH2S/5dejsMJJBWWWjx/NZ7XbqM8IlvWR8GYTf"
    "jH169qXpXkxXj9qiiF4pFdOXTH2deIMG8Itfp0Z2lsTKetU9vR7I6eI7KwtykVh4TqpVqn"
    "FBbwNh2OuaRQVPZVmkbL+d2aRneU9sVGBRggNkd822NzHKVIdHQyE1EGKmusIqIOVJrVFr"
    "1HEL89ZaL2OkI8PZ9JpJjgMGq9Ml3BoXursaLQELko0GxGkSXqdtW/eF42UXs+niPC8Q7S"
    "5c7ZAkU20AiRjhY8CsRvV+VE1HWqzVDZVrV3tqoN+J7otKuILJDayLtBEVlDrOIDyIaTns"
    "Iojgb6dTbxQExpahMf4WE4RYEotBd9GpHHhRlcAIajE3XlKZvvwRBPp6JPl8uF3AiLU2ak"
    "JSsAR27ZNF7VTZskRcZvRtyPLsoxsrmRZuZGohmOFm9zBixJjNZ44xMN5CnHJOp6N4Uuan"
    "zecTcBAzzLvDlNLb4ckclGXy+ccdOU3catMO+9ez3IgRKJoCxzoKbhfY6q6473azG8Sw3u"
    "GQ75HqcQ5jWwZWiMBq33EQUuB+tZ/MCidgDB4QQkfL/3Wo7EQwnUjc3o5TIpUEllfjmXyz"
    "v2blDghDMzhYENla9t52OQXjuhrjKYpbJ1A22xt5FdW35tnRS2PMCWB2jxOfVzaFe7lUhN"
    "tqUN3L1KPkEVVxQBJt1DKn7N3WzD2PEzWXV3nFRRWoy50yoO9y8P94+Omx1WMYvsJMXLoH"
    "FWxcf0Jhsp3NZ7VsURgu4pYkw6Y0vO6cxov85D7fJ5ji8nNk7dSozfyLuW+pEBQaOQIhrX"
    "1acDO1Q0p3YVJfv3vZnCLV30Qy9N9a9NU7qsZ7pLz3TWtdLULsnSmOwINdY20T/keCPONz"
    "YW7zVb3o99eduzQqwJZk0wa4J1bhH0V22CPaSFkeGAwsLI86fawkh/okZrMMm2yCTw5MET"
    "4qj7kef7yAUj/hGCJLH/fXSajXeDZI8vGNA5N2UARZCI1Bt1l7DV3l5phMivkCEKa3cYI7"
    "vq7A5bXdKBYpa+JRqo54hMhl2euix+qsinEyJmEHo+AyH/ElKUS2bwY2PzDnwME99hKS1c"
    "jty6AlXxB53zzUr8IaT6LfZdPoRnM+QafeJL5Pxy6oKINdajithgu12+OPKWOxTET73P3o"
    "nXaIpvEE19gpwrTHgP5eG2grNmcu/GQ3NH38lSIDNa1k3dPRAnX4rH5ozjpPyNy/hhDWMK"
    "RUyesN2CMQpSk5lj7P4vhDMXSBWnm9ScK1OgM12W+ZCyNNThuZHtIVSC6JeY+YLU5MTW2S"
    "V1SbGdp8OlT8eNOM6LwSKy8DgbmjGhozQ5zFSmSW2OXEJicIJchhtesNw7QBwJlGXkJnPF"
    "Njy2iYvbv0nbxMUtj6YIQ7gFdzNkNmHRZP7axNTt5bNGlXSmviWtS26frresf95MG7ecrZ"
    "czfQp5ce1hymfibSNWa07+3BiMHjI2ex6yAf7eU8Rl45F+XUwWp3PuDMde4iliEw4AiBs7"
    "R74LmLoz6ATP6XtZcs1QIC1q4o3H/M3pgyiYHTfdG/qQ7xGKLgUP9B33aOtH0Tc9sy4msN"
    "HY1URjr/mP1zHwkvkme2F7IoMgcZHHkeMdCsSj03eyCS3ni1jO0EekD/4Kd5/vvjbTM3iN"
    "FL3SariDVK3SjGKOsdb3VuQuXn7zj6JPT3aGPh5eO+IRKIPT2ZOnO4/ZDjeky1GifikUio"
    "xmVq1RZHRA/RISCNIkMT6EKAhwtOWDBWKina8QmXwTZBMwgaKT792VJC3vaQtKtk6VsAUl"
    "XcTWPWV3yTuOwfPUGcHd7l31Op00OoQowT4fEcldMqwY2TEywivaT91fi9uEvaxRW6D6kG"
    "VVX6B1NxgtM3qIQxGmlElHkrncHOWbTMi3XpNDlNLVpx2kzFLZMGVb7G2Viq1SMZkdK65S"
    "KYmdFeDbNMhgmLxpimxWzuZA5Q8Azj6dnnZV+/NZ9s/sKczBeKRfZw1G3Tcb1vt8nuCoXS"
    "fN1N3sUBBbVtGhLTKTPpwOEBEetLmw8AjiihUR+tWCW3A3fFuGQnkom4YP8QX3cC1XF5pU"
    "nxqz+kKTR3VyzOZ2u924fn54HuidW7IksKlZ+mb2BEHCBgiyFqkdRVqb22GyPc13AKpUWe"
    "uEWIbINDHWGxM8p2DpPpEltlFdbuYAYZOknCGe+n1EPPWBBPFIrWYG0zl3KWbVr9k9lB+V"
    "HfxY/OD3PFSmtnRZLRtqFcoKybCZ/u28Rrm7t9dApeSzKnVKOVYIxM5mOgjH07cQ3RfPnz"
    "dAl8+qRFeOFZLMo0LOMsLVB/tmSAw51/fB1ZaVHfDb6Wb28/8HRQEo"
)
