"""Made-up cars: rows of the table by SQL, offers as a crawl writes them."""

import asyncpg

from catalog.cars import DealerRow, OfferRow

MAKES = 40
DEALERS = 300

_BASE = f"""
INSERT INTO sources (name, vertical, start_url, parser, every)
VALUES ('bench', 'cars', '', '', 60) ON CONFLICT DO NOTHING;
INSERT INTO dealers (source, external_id, name, phone, city, state, zip, lat, lng)
SELECT 'bench', n, 'Dealer ' || n, '(312) 555-0100', 'City ' || n % 90, 'IL', '60601',
       25 + n % 24, -120 + n % 50 FROM generate_series(1, {DEALERS}) n ON CONFLICT DO NOTHING;
"""

_CARS = f"""
INSERT INTO listings (key, active, vin, title, year, make, model, trim, body_type, drivetrain,
    fuel_type, transmission, condition, color, exterior_color, mileage, price, features, photos,
    description, stock_number, url, source, offers, dealer_id)
SELECT upper(substr(md5(n::text), 1, 17)), true, upper(substr(md5(n::text), 1, 17)),
    format('%s Make%s Model%s', 2000 + n % 25, n % {MAKES}, n % 400), 2000 + n % 25,
    'Make' || n % {MAKES}, 'Model' || n % 400, 'Trim' || n % 30, 'SUV', 'AWD', 'Gasoline',
    'Automatic', 'Used', 'Black', 'Black Pearl ' || n % 50, n * 37 % 200000,
    3000 + n * 7919 % 70000,
    (SELECT array_agg('Feature ' || (n * i) % 60) FROM generate_series(1, 12) i),
    (SELECT array_agg(format('https://photos.example/%s/%s.jpg', md5(n::text), i))
     FROM generate_series(1, 6) i),
    repeat('A clean car with a long history of careful owners. ', 8), 'S' || n,
    'https://cars.example/' || n, 'bench', 1, (SELECT min(id) FROM dealers) + n % {DEALERS}
FROM generate_series($1::bigint, $2::bigint) n
"""

CHUNK = 50_000


async def fill(db: asyncpg.Pool, have: int, want: int) -> None:
    """Bring the table from `have` cars to `want`, unseen by the indexer."""
    await db.execute(_BASE)
    async with db.acquire() as one:
        for start in range(have, want, CHUNK):
            async with one.transaction():
                await one.execute("SET LOCAL session_replication_role = replica")
                await one.execute(_CARS, start + 1, min(start + CHUNK, want), timeout=600)
        await one.execute("VACUUM ANALYZE", timeout=600)


def offers(count: int, price: int) -> list[OfferRow]:
    """As many offers as a crawl writes at once, each of a car of its own, at 20 dealers."""
    dealers = [
        DealerRow(external_id=f"d{n}", name=f"Dealer {n}", city="Chicago", state="IL", zip="60601")
        for n in range(20)
    ]
    return [
        OfferRow(
            source="bench",
            external_id=f"x{n}",
            dealer=dealers[n % 20],
            has_detail=True,
            vin=f"BENCH{n:012}",
            title=f"2019 Make{n % MAKES} Model{n % 400}",
            year=2019,
            make=f"Make{n % MAKES}",
            model=f"Model{n % 400}",
            trim="LX",
            body_type="SUV",
            mileage=10_000 + n,
            price=price + n,
            features=[f"Feature {n * i % 60}" for i in range(12)],
            photos=[f"https://photos.example/{n}/{i}.jpg" for i in range(6)],
            description="A clean car with a long history of careful owners. " * 8,
            stock_number=f"S{n}",
            url=f"https://cars.example/x{n}",
        )
        for n in range(count)
    ]
