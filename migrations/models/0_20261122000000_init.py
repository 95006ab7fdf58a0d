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
    "key" TEXT NOT NULL PRIMARY KEY,
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
    "name" TEXT NOT NULL PRIMARY KEY,
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
    "vertical" TEXT NOT NULL PRIMARY KEY,
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
    "eJztXVlz2zgS/isovdip0qYS59zkydfMeNaxU7azmZpMigOJkIQxRSgAaEUb578vAJLiBd"
    "ECLYuQjJfEItE8vgYbfeNHZ0x8FLCnRwgGiHbegR+dEI6R+KN0pgs6cDLJjssDHPYCNdRX"
    "Y9Qx2GOcwj4XhwcwYKgrz7I+xROOSSgHfx4RwFAQsC6AoQ+mI0TRU0nqk76gxeGwdlQU4m"
    "8R8jgZIj5Sj/zlS4eRiPaRPI2+c0RDGHjY73z9Kg7g0EffEZPj5M/JtTfAKPALryrGilPq"
    "uMdnE3XsAA9PQv6LGisfruf1SRCNw2z8ZMZHJJwT4JDLo0MUIgo5knfgNJIAhFEQJFClmM"
    "RvkQ2JnzJH46MBjAIJo6SOHyA71vG8s/Mr7/L4yvM6FYhTihyeyaE+CSV7xKMyBcBQPsK/"
    "/r239+LFm71nL16/ffXyzZtXb5+9FWPV81ZPvfkZP0yGVnwphdnJrydnV/KBiJgD8dyQB3"
    "4qGshhTKWYkaGfMa/IgSvBSz3+GUWJB+LlyjxIEa9jQnog40I2d9fAhhpEr47/UHiOGfsW"
    "yANn/92/OPxt/2L3w/4fT9SZWXLm9Pzs13R4Bv/Z4en5gWJABnj+GzFAvUTmoG8AvfrfAP"
    "N0vAO7AdgTAZkR2nOCRnAnkvuxoi3ujRA3EuNzCoe3Od59zGcmaKfjHdZN5raAxmxqJwQO"
    "bXO0/4cnJlgnwx3S5kgHUCOwfwkIXAB1Mr4E9UASbBXYR+efDk6PwceL48OTy5PzswK88U"
    "l5SBzAXEFwcbx/WsZW3NoI23i8w3YJbCMamEiIZLiTEMtJCOknGVznbHV5oAf711NIfa9w"
    "JjfdMePiwZnGk5JQ/vKfCyQEiHzhKjMSb9NpfJWN5Ut2NHnEwrQlg0HiJmuO0Lm8xhbhI+"
    "cW2SOLZlv11HhvXD4CQzhUryTvLe9Umk0at2Zuoi32a+bn9DKOTcjBBJFJgABDkPZH74Cw"
    "J0Ef0i6ADGDOQA8xDtQ0ACN1SOf5bHoZjWt0WQ/oNTKyJZLhq/FKtOoCXY/Gtdj5eYNDE+"
    "CT4W4lM9d1OeaBkQ03J3Bom6M9E5KrCvblGAbBwrBKSnN3YMV+vJPQyou9N6/nwRT5oy58"
    "cvlh//Q0jZfkVix4bTRv0/Fu2ppPW6UEGIGdEji0G4hkisdGEjkZ77A2x7pH/FmMmAHgBS"
    "KHujnqPsU3SN3fBPYilcPdHPdBhALj2V4gcqg3kecwZGPMWOLBWF6uF+kc9g3CgST0MTcE"
    "vkDkUG+CekA0dk4d4gmBxWh3+AiJC41xMANkAOQvlfuDCQXy+SNadlrZwYz0IT1jrlQpbW"
    "YPZIoncRYcmFLMkfQB2skUcd+GTKlSWswUayUUCofYLAsqo3B4N/Ag4ADBoQbwhW6vHIXF"
    "ni/1mGw5GZM4v/aev3zz8u2L1y/nHrD5kTo3WNUDNqFYlyC8ENH5eJvxnI5IgIBPxH0pe6"
    "+uADADO5Bd77QD85hRTeLN4nmbDLcYZFN37cqgHCDII4o0sd59SuFsgf2ZIyqBKiORS6C6"
    "uozfy2/BUfxr96/Ozo+fO+/ecbFifPn6V+fJw0njL1+rKbycmKGYkTgMYx9U7jYGakCJzO"
    "kCTdJGSf/aC6NxDxlpvmU6h7059i5FzKXrNlXNyDQEkwD2xYVU4aE0t8W/QjsLCfDnBZH2"
    "scLl87p83k3EFvY5vtFYeAdE2Egw1AOcEZUw7gmqdSp6+nzAVWB7cH5+WhASBydlKfDpw8"
    "Hxxe7zJ0WMqxbJ2qtsN2cGP4goXpTru9CczggaGdQrm83PquthIL4zmYPapvvH8ykx8U4U"
    "iSz2UXQSF5DM5wWQK9d+ABkH/REMh0hGYOb+rBYcGZgy7jGEQk+nWxwJ9DgeowUOjTJxiQ"
    "1+Qv00/WOt5vkZme4+lB1+8uH48mr/w8eCWDnavzqWZ/aKS2RydPf1k6JUmV8EfD65+g3I"
    "n+DP8zO1mk4I40Oq7piNu/qzI58JRpx4IZl60M+jkR5ODxXjmGqu+Q14XKR0DLaUwbHVou"
    "34UNfppEBmsRA1dfSupeVJSRkwBj9P5bA3wb5SwVZihcaQIxThYfgfFHuVT8SDw1Cr/W5n"
    "HZY4TOF0XhlUmHvi5cUro9iyEA8Azj6dnnY04mUFsGbtprYT14JALQB7IWT8xcmhmL6Lyy"
    "0fslguntCaUrn5TF9cKJfZLkuWycmCtiR/hcEZA7BHIp6Wub0HnET9EfKlOoxuEJ2BG8wW"
    "1so1v5brJbaJwr0LXDmdmbLqyuk2HW1XTqekiyun26xp68rpXDnddmLtyunaQN2V07lyus"
    "eDuiunc+V0jw11V05nDTNcOZ2FTHHldK6c7jHh7crpXDmdK6ezBGRTd60rp7OsFMyV090f"
    "Q1dO58rpHh/2rpzOldO5cjp50JXTuXI6y7F1OyquWVC4HRXbk9HxHg2e4Q4GJTIHfZNojc"
    "w59vEQMc0yWROzKZJZrbnE4Rr5xIBQQMkUYA6mkAGKoA8GlIzt1Fx8xCEOGpRzFQhXUM21"
    "Nu8fCtXOKPHzgwkcojmf7s+iTav22ux6+nnausXl9BNKxFuPDX1pOSLnTYsVeFdf/BgEki"
    "xob8rlMq1jsqVMdkXkW85gGoXGRcwZjcWBTZWiJZ5UaPuQAwaVmi/lznKqYztF5a6k36Ky"
    "clcAnc6zBy2AdvvNtrmf6keZCHSo1uqOplA8f7q7xL6qXtyjaSR+EarccHdXj+/HzZBiQQ"
    "1BciXACbkGJOwCGPoyyBS+V4mcHIWgNxPjBJjDIaLVCvIVXO/ubVe/lN2NaUG5qyC3roLc"
    "+ZNbc1puY15iaylz5kaYM76sM74qCmc7rWF+Jz3dei8P167z/5Dekk1hxDKMUV81O5wSei"
    "33OYcq3DLFfCTXZQQZEmvwiMgeLmBExGPHnRLlCeATpN9MfYXXvcfu6m5Fb3NFvxYvb7KU"
    "p+PdGt5gDTdUmzZAXRLrIhgLWa46SgmJJmUJBHKSKONAvAGYQhl6lAHiKFyypmPdfIFUZy"
    "r/fnl+tkAZSMaX1QHc5+AWrD1a9ePnw3wDEoB6rMuwllZ2eYFqnrKAxOQrmBO0/B0I8gj5"
    "mk8gPnErpncogL71xadwO4A4QCuIrT/EbJdOZ3MFOKNySrBFSnDRquFoPOEmfdXzJLZ1Vm"
    "/NOhzD714DLMtk7eL5yh48lbngkWloVplSIrM4Fc5ahTOGMAo51hSo3JFYUCTdmGy3Ryn5"
    "J5TIyxkpsXmaeymym8PXB1FoxSn5/AbIZxQO9+a4I0oNG6+kBG4laZDOTpHEpkn6UoHSGQ"
    "+WLiHCzKbNGFykdIqCzVwe4BCzUSM2l0gdn23jsyXxsIso7GjiYfJwty4elrqH746Hncvd"
    "CyicBtLbnG1w0JVOZvkTjyeE8tgVPcCBOKECWtINHfc5YNVY2IquuUy6S1ZO6jJdrI2LuS"
    "rhNSuY/5CecbZuRrNFSS5rTpTe2HhMEm/RBGQ0kZhbFrEJ7mMSWRqCtEj9dvaV07ztWWs2"
    "jc+yuNokajQf78JvqeLLtaXDixVfrq8afrwIhmhqgF8y2qFXrNQ0QDBH4VBMe+KF5jgWaB"
    "ySqeYwzyVaEsaMwGGYYDgkur7kCxFMhzv80h2dZlyn1dQZ53OSTQdx3QY5kjulaMCu6f+X"
    "o2nYA9AGvGugW0Xjv8VdaWqTJBY1pXHZvl0XpG/fiWRJ1Ocy9n5rAj+Xc7/44thP7Dtfuh"
    "yKiY9cBmYGCPldWbb0d3KBp7Nx8He80TXmWX2ybFiBGfAjpCuCuufV7lH6pP43+DjS8avx"
    "vLYa5VmPf7VmL2xEOe5Do77deRoX42nq5PYMu6UXiBzsTUrHIWVmqdcZhQO8ScdjISk0lX"
    "4LTaX5+HZNpTtK/RIjA/QQnyKxDPIpiVMmWtqpiWoDlzVWEtUHLu1qk96hSFyecVmLHSOe"
    "7dckU05IFLdiGa9gE77VWFWoj3wUGjanyBO1O+ufP6uarJ2ATBEVeIfZdBdsgTI7aIBoSx"
    "MehfLddTkSdZ1rc1Sude2drWtDsSZ6zSokS6QuEm9RhNYSK/kA8v6oozGS4xPdOhu5J4cs"
    "ayMfkX40RqEsvJd9GxEWwgzOACfxDrtq1833oE/GY9m3yxdCbkDkrjPKspWAI79qKq/qos"
    "skSSZfRtKfLs45crmSduZKogmJJ+/yDJiTWK3xJjscqF2PadwFbwx9tPT+x+0EEMgk9+Us"
    "a/EViGw2+jrRRJim/DZpjXnv1etBNphIBWWVAzUN8AtUbXfAX4vhXWl4z0kk1jiNMK+BLU"
    "djNWidjyj0BVhPkweWtQQI9kcg5fu953IsHiqgbmyGr5BJoU4qi8OF3N4hvkGhF03sFAYu"
    "dL62lY9Ddu1FpspgnsrVETTF3kV6XTm2c1K4cgFXLmDE58zPYVz9ViG12Za2cPWq+AR1XN"
    "EEmEw3rfi1cLENY8fPdNbdsXNFZTIWdq843L883D86Xm7ziklsJ2k+BoO9Kz5mF9lI4bbe"
    "vSuOEPRPEefKGVtxTufOdus81L4Y5wVq4NKpXKnxG3vXMj8yoGgQMcSSOvvsxA6Tzap9TQ"
    "n/fS+mcUuX/dBzU/3rsilezjPdpmc671pZ1i7J09jsCLXWNjHf9Hgj9ju2Fu81W96PfXq7"
    "vUOcCeZMMGeCtW4RdFdtgj2khZHjgMbCKPJnsYWRvaJBqzDFttgkwGojiilksodXgHwwED"
    "8hSBP738e72+AbpHp+wZBNhSkDGIJUpt7ou4at9vJaI0TdQoUonN1hjeyqsztcdUkLiln2"
    "lRigXiCyGXa1C7N8VZlPJ0VML8IBB5G4CS3LJTv4sbF5BwGBqe+wkhauztz6ElX5B5uKxU"
    "r+IaX6LQl8cYpMJsi3egeY2Pnl1QURa6xHHbHFdrv6cNQldxhInnqfv5Of0ZjcIJb5BAVX"
    "uPQeqs1uJWft5N4NRlPP3MlSIrNa1o39VyBJvpSPLRgnSMUXl/PDWsYUhrjacbsBYzSkNj"
    "PH2vVfCmchkBbsdlKzz0yJznZZFkDGs1AH9mPbQ6oE8ZvY+YHU5MTW2SV1SbGtp8NlTyeM"
    "OMGL3iy28AQblmNCS2lyhOtMk9ocuZTE4gS5HDdwOF87QBIJVGXkNnPFNUB2iYvbv0i7xM"
    "Utj6ZIQ7gBd3NkLmHRZv66xNTt5bNBlXSuviWrS26erjevf95MG7earVcwfUp5cc1hKmbi"
    "bSNWa07+3BiMHjI2ex7xHvne0cRlkzPdupgsycbcGY69JGPERwIAkDR6jn0XMHNnsBGZsv"
    "eq5JqjUFnUFA+H4svpgjiYnTTh6wdQrBGaLgUPdI97tPlj6JuZWZcQuGjsaqKx1+LlTQy8"
    "dLzNXtiOzCBIXeRJ5HiHAfno7J1qSiv4IqczDBDtgr+ivWd7r+30DF4jTa+0Gu4gXas0q5"
    "hjrfW9FbmLl9+Co/jX7k4/IP1rTz4C43A82X2y85jtcEu6HKXql0ahyGlmizWKnA5oXkIC"
    "QZYkJk4hBkISL/lghrhs7ytFplgE+QiMoOzse3clScNruoKSrVMlXEFJG7F1rO0uece2eF"
    "ifEdzu2lWv0ymjQ4oSEogzMrlLhRVjO0ZFeGX7qftrcZuwli3VFqg+ZLmoL9C6G4xWGd0n"
    "kQxTqqQjxVxhjopFJhJLr80hSuXqMw5S5qlcmLIp9q5KxVWp2MyOFVepVMTOCvBdNshgmb"
    "xZFtm8nC2AKh4AnH06PW2r9uez6p/Z0ZiDyZlunTUYd99cst7n84jE7TpZru5mh4HEsoo3"
    "cVGZ9NG4h6j0oE2lhUeRUKyo1K9mwoK7EcsylMpD1TR8iBvcw7VsR6HJo95JZnO7325cfz"
    "8yDc32MZkTuFQtc7N7hCDlPQR5g1SPMq3L9bDZvhYrAtOqsHVCLEdkmxjrDCmZMjB3p6iS"
    "27hON7fBsE1SzhLP/T6iWL9BQXKmVlOD2Zi7FLXFn9k9lCGdXfxY/OL33GSmtpRZLxsOR5"
    "CaSobN9HeL7+W7F6BwyOWnsffqVQ2g6borRpX3TE1O7cXnSoHZycQE4WT4FqL7/NmzJdAV"
    "oxaiq86Vks7jws4qwos3/s2RWLLv74OrLSvbALjVxezn/wEkWg3Q"
)
