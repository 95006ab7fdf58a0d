-- Cars: the places are real, and a listing is found by its dealer.
ALTER TABLE dealers ADD FOREIGN KEY (source) REFERENCES sources;
ALTER TABLE offers ADD FOREIGN KEY (source) REFERENCES sources;

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

-- One index gives a listing's prices in their order and finds those to delete. Another one on the
-- number alone, which nobody looks for, would cost each change of a price a tenth to a quarter more.
CREATE UNIQUE INDEX listing_price_history_order ON listing_price_history (listing_key, id);
ALTER TABLE listing_price_history DROP CONSTRAINT listing_price_history_pkey,
    ADD CONSTRAINT listing_price_history_pkey PRIMARY KEY USING INDEX listing_price_history_order;

-- The document of each car that can be searched: its line of NDJSON, and that as JSON. It never
-- depends on the clock.
CREATE VIEW cars_documents AS
SELECT l.key AS id, sealed.digest, sealed.line, convert_from(sealed.line, 'UTF8')::json AS body
FROM listings l
LEFT JOIN dealers d ON d.id = l.dealer_id
CROSS JOIN LATERAL (
    SELECT coalesce(l.lat, d.lat) AS lat, coalesce(l.lng, d.lng) AS lng
) place
CROSS JOIN LATERAL ( -- column and row of its cell at level 20, as in catalog/grid.py
    SELECT
        least(1048575, floor((place.lng + 180) / 360 * 1048576))::bigint AS x,
        greatest(0, least(1048575, floor(1048576 * (0.5 - asinh(tan(radians(
            greatest(-85.0511287798066, least(85.0511287798066, place.lat))))) / (2 * pi()))))
        )::bigint AS y
) cell
CROSS JOIN LATERAL ( -- of rows: json_build_object asks for the type of each value of each document
    SELECT convert_to(row_to_json(fields)::text, 'UTF8') AS line FROM (
        SELECT
            l.key AS id,
            l.vin,
            l.title,
            l.year,
            l.make,
            l.model,
            l.trim,
            l.body_type,
            l.drivetrain,
            l.fuel_type,
            l.transmission,
            l.condition,
            l.color,
            l.exterior_color,
            l.interior_color,
            l.engine,
            l.mileage,
            l.price,
            l.msrp,
            l.price_drop,
            l.features,
            l.photos,
            l.description,
            l.url,
            l.stock_number,
            l.source,
            l.offers,
            CASE WHEN d.id IS NOT NULL THEN (SELECT dealer FROM (
                SELECT d.id, d.name, d.phone, d.city, d.state, d.zip
            ) dealer) END AS dealer,
            d.city,
            d.state,
            coalesce(l.zip, d.zip) AS zip,
            CASE WHEN place.lat IS NOT NULL THEN (SELECT geo FROM (
                SELECT place.lat, place.lng
            ) geo) END AS _geo,
            CASE WHEN place.lat IS NOT NULL THEN (SELECT grid FROM (
                SELECT
                    ((cell.x >> 16) << 4) + (cell.y >> 16) AS z4,
                    ((cell.x >> 14) << 6) + (cell.y >> 14) AS z6,
                    ((cell.x >> 12) << 8) + (cell.y >> 12) AS z8,
                    ((cell.x >> 10) << 10) + (cell.y >> 10) AS z10,
                    ((cell.x >> 8) << 12) + (cell.y >> 8) AS z12,
                    ((cell.x >> 6) << 14) + (cell.y >> 6) AS z14,
                    ((cell.x >> 4) << 16) + (cell.y >> 4) AS z16,
                    ((cell.x >> 2) << 18) + (cell.y >> 2) AS z18,
                    (cell.x << 20) + cell.y AS z20
            ) grid) END AS grid,
            (SELECT buckets FROM (
                SELECT
                    CASE
                        WHEN l.price < 100000 THEN greatest(l.price, 0) / 1000 * 1000
                        WHEN l.price < 200000 THEN l.price / 5000 * 5000
                        WHEN l.price < 500000 THEN l.price / 25000 * 25000
                        WHEN l.price >= 500000 THEN 500000 END AS price,
                    CASE
                        WHEN l.mileage < 200000 THEN greatest(l.mileage, 0) / 5000 * 5000
                        WHEN l.mileage < 300000 THEN l.mileage / 10000 * 10000
                        WHEN l.mileage >= 300000 THEN 300000 END AS mileage
            ) buckets) AS buckets,
            extract(epoch FROM l.first_seen_at)::bigint AS listed_at
    ) fields
    OFFSET 0 -- write it once, though it is used twice
) written
CROSS JOIN LATERAL ( -- with bytes, since functions of text count the characters
    SELECT
        md5(written.line) AS digest,
        substring(written.line FROM 1 FOR octet_length(written.line) - 1)
            || convert_to(',"digest":"' || md5(written.line) || '"}', 'UTF8') AS line
) sealed
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
    WITH changed AS (
        SELECT key, n.price, o.price AS old_price, n.key AS new_key, o.active OR n.active AS shown
        FROM old_rows o FULL JOIN new_rows n USING (key)
        WHERE
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
             n.first_seen_at)
    ), history AS (
        INSERT INTO listing_price_history (listing_key, price)
        SELECT key, price FROM changed WHERE price IS DISTINCT FROM old_price AND new_key IS NOT NULL
    )
    INSERT INTO outbox (kind, key) SELECT 'listing', key FROM changed WHERE shown;
    RETURN NULL;
END $$;

-- The planner knows nothing of the keys in the rows of a statement; for a merge join it would sort
-- these rows, whole as they are, on both sides.
ALTER FUNCTION listings_updated SET enable_mergejoin = off;

CREATE FUNCTION listings_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (kind, key) SELECT 'listing', key FROM old_rows WHERE active;
    DELETE FROM listing_price_history h USING old_rows o WHERE h.listing_key = o.key;
    RETURN NULL;
END $$;

-- The history follows its listing by these triggers: a foreign key would look every row up again,
-- which costs more than all else that they do.
CREATE FUNCTION listings_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE listing_price_history SET listing_key = NEW.key WHERE listing_key = OLD.key;
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

CREATE TRIGGER listings_renamed AFTER UPDATE OF key ON listings
    FOR EACH ROW WHEN (OLD.key <> NEW.key) EXECUTE FUNCTION listings_renamed();

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
