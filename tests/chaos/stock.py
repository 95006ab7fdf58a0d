"""The stock at the start, and the traps that are set in a scratch database only."""

import asyncpg

DEALERS = 12
RENAMED = 3
"""Only the first ones get new names: a rename touches all cars of its dealer, and hides what was
lost of them before."""

WRITERS = 4
OF_EACH = 150
"""Cars that each writer, and only that one, inserts and deletes."""

BEHIND = 2_000
"""Changes: what a new index may have before it, and what came during the swap."""

_SETUP = f"""
-- A place that is not a number reaches the search server, as a wrong view would send it.
ALTER TABLE listings DROP CONSTRAINT listings_place;

-- A batch of a writer that was replaced: there must be none.
CREATE TABLE old_epochs (batch bigint, epoch bigint, last bigint);
CREATE FUNCTION note_old_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO old_epochs SELECT NEW.id, NEW.epoch, max(epoch) FROM writers
        HAVING max(epoch) > NEW.epoch;
    RETURN NULL;
END $$;
CREATE TRIGGER note_old_epoch AFTER INSERT ON batches FOR EACH ROW
    EXECUTE FUNCTION note_old_epoch();

-- An index that went live with far more changes before it than the one that it replaced.
CREATE TABLE too_early (generation bigint, waiting bigint, other bigint);
CREATE FUNCTION note_too_early() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO too_early
        SELECT NEW.id, count(*) FILTER (WHERE generation_id = NEW.id),
               count(*) FILTER (WHERE generation_id <> NEW.id)
        FROM pending WHERE generation_id IN (SELECT id FROM generations WHERE state = 'old')
            OR generation_id = NEW.id
        HAVING count(*) FILTER (WHERE generation_id = NEW.id) > {BEHIND}
            + count(*) FILTER (WHERE generation_id <> NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER note_too_early AFTER UPDATE OF state ON generations FOR EACH ROW
    WHEN (NEW.state = 'live') EXECUTE FUNCTION note_too_early();

INSERT INTO sources (name, vertical, start_url, parser, every)
    VALUES ('lot', 'cars', '', '', 60);
INSERT INTO dealers (id, source, external_id, name, city, lat, lng)
    SELECT n, 'lot', 'd' || n, 'Dealer ' || n, 'Chicago', 41.0 + n / 10.0, -87.6
    FROM generate_series(1, {DEALERS}) n;
INSERT INTO listings (key, active, dealer_id, make, price)
    SELECT 'w' || writer || '-' || n, true, 1 + n % {DEALERS}, 'Kia', 10000 + n
    FROM generate_series(0, {WRITERS - 1}) writer, generate_series(0, {OF_EACH - 1}) n;
"""

POISONED = r"(id ~ '[^A-Za-z0-9_-]' OR body -> '_geo' ->> 'lat' = 'NaN')"
"""Documents of the view that the search server refuses: a bad id, a place that is no number."""


async def stock(db: asyncpg.Pool) -> None:
    """Fill the empty database."""
    await db.execute(_SETUP)
