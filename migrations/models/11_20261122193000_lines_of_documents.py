"""Documents are written as bytes by rows, which costs Postgres a third less."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

BEFORE = "DROP VIEW cars_documents;"

RULES = """
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
"""

RULES_BEFORE = """
-- The document of each car that can be searched. It never depends on the clock.
CREATE VIEW cars_documents AS
SELECT l.key AS id, sealed.digest, sealed.body
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
CROSS JOIN LATERAL (
    SELECT json_build_object(
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
        'dealer', CASE WHEN d.id IS NOT NULL THEN json_build_object(
            'id', d.id, 'name', d.name, 'phone', d.phone,
            'city', d.city, 'state', d.state, 'zip', d.zip) END,
        'city', d.city,
        'state', d.state,
        'zip', coalesce(l.zip, d.zip),
        '_geo', CASE WHEN place.lat IS NOT NULL THEN json_build_object(
            'lat', place.lat, 'lng', place.lng) END,
        'grid', CASE WHEN place.lat IS NOT NULL THEN json_build_object(
            'z4', ((cell.x >> 16) << 4) + (cell.y >> 16),
            'z6', ((cell.x >> 14) << 6) + (cell.y >> 14),
            'z8', ((cell.x >> 12) << 8) + (cell.y >> 12),
            'z10', ((cell.x >> 10) << 10) + (cell.y >> 10),
            'z12', ((cell.x >> 8) << 12) + (cell.y >> 8),
            'z14', ((cell.x >> 6) << 14) + (cell.y >> 6),
            'z16', ((cell.x >> 4) << 16) + (cell.y >> 4),
            'z18', ((cell.x >> 2) << 18) + (cell.y >> 2),
            'z20', (cell.x << 20) + cell.y) END,
        'buckets', json_build_object(
            'price', CASE
                WHEN l.price < 100000 THEN greatest(l.price, 0) / 1000 * 1000
                WHEN l.price < 200000 THEN l.price / 5000 * 5000
                WHEN l.price < 500000 THEN l.price / 25000 * 25000
                WHEN l.price >= 500000 THEN 500000 END,
            'mileage', CASE
                WHEN l.mileage < 200000 THEN greatest(l.mileage, 0) / 5000 * 5000
                WHEN l.mileage < 300000 THEN l.mileage / 10000 * 10000
                WHEN l.mileage >= 300000 THEN 300000 END),
        'listed_at', extract(epoch FROM l.first_seen_at)::bigint
    )::text AS body
    OFFSET 0 -- build the body once, though it is used twice
) written
CROSS JOIN LATERAL (
    SELECT md5(written.body) AS digest,
        (left(written.body, -1) || ', "digest" : "' || md5(written.body) || '"}')::json AS body
) sealed
WHERE l.active;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return BEFORE + RULES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return BEFORE + RULES_BEFORE


MODELS_STATE = (
    "eJztXVtz27a2/isYvSSZUTuJc+tOzjkztuO2bl07Yyft3jvtKBAJSagoQiVAK2qT/36wAF"
    "K8iGQIWpYgGy+JRWJR1LeAhXXHP70Z80nAv31DcECi3iv0Ty/EMyL/KN3pox6ez7PrcEHg"
    "YaCG+mqMuoaHXETYE/LyCAec9OEu9yI6F5SFMPi3CUOcBAHvIxz6aDEhEfkWSH3mSVoajh"
    "tHxSH9KyYDwcZETNQrf/jQ4yyOPAK3ySdBohAHA+r3/vhDXqChTz4RDuPg43w6GFES+IWf"
    "KsfKW+r6QCzn6toRHZ+G4ns1Fl5uOPBYEM/CbPx8KSYsXBHQUMDVMQlJhAWBbxBRDACEcR"
    "AkUKWY6F+RDdFvmaPxyQjHAcAI1PoFsmu9weD84t3g6uTdYNBbgzilyOGZXPJYCOyRr8oV"
    "AGN4hW/+dXDw9OnLg8dPX3z3/NnLl8+/e/ydHKved/3Wyy/6ZTK09KMUZqc/nJ6/gxdicg"
    "7ouQEXvigaLLCmUszI0M+YV+TAO8nLavwzihIP5I8r8yBFvIkJ6YWMC9nc3QIbGhB9d/Jv"
    "heeM878CuHD+6+Hl8Y+Hlw9/Ofz3I3Vnmdw5uzj/IR2ewX9+fHZxpBiQAZ5fIwaol8gc9B"
    "2gV/8bYJ6Od2B3AHsuITNCe0XQCe5Ect9XtOV3EyKMxPiKwuFtjrdHxdIE7XS8w7rL3JbQ"
    "mE3thMChbY7233RugnUy3CFtjnSAKwT29wHDNVAn40tQj4DgToH95uL90dkJent5cnx6dX"
    "pxXoBX34RL8gIVCoLLk8OzMrbyq42w1eMdti2wjaPAREIkw52EaCchwE8ymuZsdbgwxN50"
    "gSN/ULiTm+6UC/nivMKTklB+//MlkQIEfvA6MxJv05l+yt7yJbuavGJh2rLRKHGTdUfoAp"
    "5xh/CBucUOWN1sW781O5iVr+AQj9VPgu+GbyrNpgq3Zm6i1fs183O6jWMTCzQnbB4QxAmO"
    "vMkrJO1J5OGojzBHVHA0JFwgNQ3QRF2q8nx2fUyFa7StB3RKKmyJ4wmOqgVqMnwzXonduk"
    "Bn+NMgIOFYTOTHg+fPGwRsKk7lqEclyZncOtD3mv2d1zQ02byS4W7zMldvBRWBkdm2InBo"
    "m6O9lMJqHeyrGQ6C2khKSvP1WIr9eCfRlKcHL1+s4ifwoSlicvXL4dlZGiLJbVJ4ajRv0/"
    "Fu2ppPW7XvG4GdEji0O4jkiM6MJHIy3mFtjvWQ+UuNmAHgBSKHujnqfkSvifp+E9iLVA53"
    "c9xHMQmMZ3uByKHeRZ7jkM8o54nTor1cL9I57DtEAFnoU2EIfIHIod4F9YBV2DlNiCcEFq"
    "PdExMiHzSjwRKxEYJPKt2HsgjB+8dR2U9lBzPSlxwYc2Wd0mb2YK54ohPf0CKigoDbz06m"
    "yO/tyJR1SouZYq2EIuGYmiU+ZRQO7w4eBBoQPK4AvNbtlaOw2POlXpO3kzGJ8+vgybOXz7"
    "57+uLZygO2utLkBlv3gM0jWpUTXIvoarzNeC4mLCDIZ/J7I/5aPQFRjh5gPn2wG5hnPKrI"
    "tamft8lwi0E2ddduDMoRwSKOSEV49zCK8LLG/swRlUCF4GMLVDeX5Hv1V/BGf3r4e+/BP1"
    "8evHol5I7x4Y/fe49uTxp/+GM9a1cwMxQzEoeh9kHlvsZADSiROV2gS6Yo86aDMJ4NiZHm"
    "W6Zz2Jtj77LCXIZuV9WMLUI0D7AnH6RqDcHclv9K7SxkyF/VQNrHCpfC61J49xFb7Al6XW"
    "HhHTFpI+GwGuCMqITxUFJtU9GrTgHcBLZHFxdnBSFxdFqWAu9/OTq5fPjkURHjdYtk64W1"
    "+zODb0UU16X31prTGUEng3pjs/nx+n4YyHUGaae7dP8M/IiZeCeKRBb7KHqJCwhSeBEWyr"
    "UfYC6QN8HhmEAEZuXP2oEjg0ZcDDgh4aBKt3gj0RN0RmocGmXiEhv8hPrb9I+tmufnbPHw"
    "tuzw019Ort4d/vK2IFbeHL47gTsHxS0yufrwRSmPePUQ9Nvpux8RfET/vThXu+mccTGO1D"
    "dm4979twfvhGPBBiFbDLCfRyO9nF4qxjHVXPM78LhI6RhsKYO11VLZ5KGpuUmBzGIhauro"
    "3UqXk5IyYAx+nsphb4L9WtFaiRUVhhyLCB2HPxPtVT6VL47DSu33bpZeycsRXqyKgQpzT/"
    "54+ZOJtizkC6Dz92dnvQrxsgFYsw5TdxPXgkAtAHspZfzl6bGcvvUVlrdZH6cndEV13Gqm"
    "19fGZbZLy8o4qGFL8lc4XnKEhywWaWXbayRY7E2ID+owuSbREl1TXlse1/1Zrn3YPgr3Pn"
    "LldGbKqiun23e0XTmdki6unG6/pq0rp3PldHcTa1dOtwvUXTmdK6e7P6i7cjpXTnffUHfl"
    "dNYww5XTWcgUV07nyunuE96unM6V07lyOktANnXXunI6y0rBXDndzTF05XSunO7+Ye/K6V"
    "w5nSung4uunM6V01mOrTtEccuCwh2iuDsZrY9lGFQeWlAPfYnMQd8lWgM5xz4dE16xTTbE"
    "bIpkVmsuOlwDb4xYhCK2QFSgBeYoIthHo4jN7NRcfCIwDTqUcxUIN1DNtTXvHwnVYSj6/d"
    "Ecj8mKTzdn0b5Ve+13Pf0qbd3icvp5xOSvnhn60nJEzpumFXhXX3wfBBIUtHflcpnWMdlS"
    "Jrsi8jvO4CgOjYuYMxqLA5sqRUu+qdT2sUAcKzUf5E471XE3ReWupN+isnJXAJ3Os1stgH"
    "ZHzO7yCNW3kAh0rPbqXkWheP52v8VRqgPdo2kiP7FIueG+Xj1+qJshaUGNUfIkJBibIhb2"
    "EQ59CDKFr1UipyAhGi7lOAnmeEyi9QryDTzv6yetfii7G9OCcldBbl0FufMn78xpeRfzEn"
    "eWMmduhDnjyzrja03h3E1rmKOI4Gl1c5j0VuN+P9SDTBrETAmZc7nRJlUZEGlBQwJbM+ZT"
    "4uv9msoRC7yE0IzPCKSTQHAmFCjm6CFGHo28WBpyydc/qukfcytf9Xv4e3gxl+pCHAoaoI"
    "/qv499NMHB6BsGN/BIkEg9/JUKMoVyb0Ge1JUD5AWMqxoU+DoYrP4eyQ8BC9urHbUaRl1+"
    "QP0Z75vOD7DomPcXzxqkRLqrvXhWe8g73GpWKUaYBtXZy7VbW57EunawapLKKSnnsAqJqg"
    "WiSqiogEo3GpCWMbdNb3qwVkiF+lzfYm9FYB3KsNlmIL9Gj0EGKcmwI3CVCDNVKlZEexNL"
    "vjfKRcGzSzA3y2fPKCxO4LDK1LFEmfuJDasUObjcqMT9yYYtFbhDNKfEU52rFyyaSjUq2S"
    "gWVEzAySKnDnmNFhMGDfnQhMnX1m2v4YbWr6q6/W3wuTdQnpx7Zpfuman88SZiKh3vHDId"
    "HDKGPrA98H31pKY6k3unag8qJRrIEoxgkihPr/wF0qqDPDLI9ovDlgW62+YLjqriHj9dXZ"
    "zXeHaS8WUdjHoCfUZbTz3658vtrAEAoBnrMqwlTQoesF50JiExWQUrgh2vA0keJ6ZCcQno"
    "G5/l9A4l0J99uRQ+mxhtO3ALs4iKClHU5BlekVhn2E3oWKocaAzqiMpg2405B4kZ5k7ijM"
    "o5ii215bAQZDYXJu6mPIlt62VnERTwEnbAsky2Wzyf24OnssIGbBGaVW+XyJy3oUONlIKw"
    "k/+uROq8eDZL/nnE4HFGtkGe5kb2wf7w9VbsBHkL3t8A+YzC4d4ddxJFhs0JUwK3k3Qo+Y"
    "wIYNMlxb9A6YwHS7cQLnDUjcFFSqco2MzlEQ0pn3Ric4nU8dk2PhuEGfPai8SeV9m5Jtn0"
    "P7HhpX6QPR5/uzPqc4hVx2RzeDaGZgd5DrYJ0SbjdfLOLJZ/QUrbEMKkIUFiQaFd03Cp4q"
    "cQFtFZcIIjTiR/IuRNGCdVMdrNPfgGQdrKyFV9ettGI1cW5bYdPH7cIrlNjqrNblP3mkOy"
    "MPtMg+IZzW7dY3sXG28oQftTZ3DcsP4syQPZMwa0rT7L5l2h9Oz48Or48M3Jro7efItrCq"
    "rw1yqpoM9J+6wcaIqik2biEI2IUOdiUtFHHpvNwQlE/LTiCZfa3NQl5GzgkW3qp7IqYiid"
    "6qP8MZ2umMrabB3XiK7BmLgN/8wOKvRtg3w3xfhb7I9rG+DbnuM7bLa43bZz6lTt7CgDXZ"
    "38gKtNt7wX28EaaJRnEgJJx+9BAKS3SKtc4LUQx9RHeT7dmCG3Eh1JNLIufr4CpfPXW+Th"
    "K6cnxhVuu+ajoTOqu7Tlb+J0aCJwRV/qhl0lGW/xdmLtRq4au0mjlspvNNrK1wgd+uboTz"
    "CfVBkKIY5q2lemFOX2oEuhfRB2SI1Ue4LDltGQjFhEVs6IJHpxsyaiyda7YobkxdHp+eHl"
    "f6q5cVSxVR/9593JYcWJ0mb8SCks58ffAR1aizqnf5u0HEmH27xt6gmQdDSSkx+6K+2qZh"
    "icfWbpnhmFzcaxahg4xxFPWjhoryb4PWmopM81iUDaQN+GySY6UN/KeUq4yoKut9bS8ZaU"
    "EbUy1+Q/CZs20gl8Y0aaJcXAl3HYqwg8wOV+U9whrY37etjhIiRJVxO5L0MEWHt4+6q1if"
    "xIZ3MWCV2HN6KBvKGqeSEgrE/s4utxhw09s03gwYUZrHG2ujCDNTvHDkL+lllru4ky7G0x"
    "alJsWrFPV5Shfh4GzJvK/3nM59SjLOafmVSoohhuepC/YG2xqkX5s87hehsOV5c6ez/4zI"
    "kQQbeFXKDcGy7rM5QwSoVuqLJ1kh9zc2G7r/wfVjrl6tWcIp3Fqk5vuESLCfUmkLqVRZlV"
    "e+u5NJHaukp3owmtEt9aOu5W4115+6qdX33opRbGIpFtWGoua6/PAo4Yxqr/11J/0LGA3f"
    "hBqag8K6zePyCqjwnbOcQ7m66p+64lgOlw2/DTnIUedZwgdTC2+UmFm4Y2JAsDZJPRtgG7"
    "s4mZnF1lgGCOwqG42o3McSzQOCRz3aaNYMwIHIYJhmMWmkSF0+EOvzSXIU1BaG83rUj2Hc"
    "Rtu4SJfA2/AuzvA4ZrbdQVTQntERDtCd4N0L25eH90doLeXp4cn16dJiHblXtB3YRL2QG/"
    "lyeHZ61P+G1splN3wK9rttlvka5Mg8q9qx7xjMJivHsTtkAzHC7TjHFtBGR2qsoemeBrgg"
    "j2Jmi0+qnWcciP6Mioy9GKwBL+fPijgj86qKwZMsIRGhHJloRLii3yTpim9kDug5EzwbVE"
    "siUIccda+V/pLIaKBJ6rVX5DfQ6PzoFoXT2sDndhsDZUSS9HH5MHfLucBR8Rx0uuEuDSEx"
    "Mh9Y1y5MeVXSJu+LQbtIZQ/68tjvreEOn4O9cc4vYPPromkaAeNqqMzNO43JyuGQgDw3rU"
    "ApGDvUuXcpVlaoJ5RuEA71LqTjw6N0qGyigs1nOUrQCZqjqWhRProA+7oPw7ZGk+M7X0cA"
    "o4e8ekV/9qvM2x8sRjItV+sSBSGxELpjOQWzJh0w42DrW5cWCWC5ijsXkBKHVPJPgq3dCL"
    "WJiphNIMe//u2M7JH1XmZza44lKCjn64LbEkbS4H6UFqJWT5IpBZz2J9dvqMtjzL4tZdd8"
    "QjPgkNT5POE+3WC/3kcUXkOGDglFjQMBNDki040P0HdiSISAi/vSoVnLGA4LBG5mdU5eJF"
    "SbZNpFfm16Z1nqOLi7OCeDk6LcuP978cnVw+fPKoOJ8rcp0iel0pVxoxzlHtGOMal8IMQ3"
    "0ugirFEGHfhwJdKdw59QlicYRCOclZNL2xRNkgJ+CM5kG3g3NKpC6/26K8T0vceSfXJBRn"
    "jGv0Sh697Ga/yalHYNggkOPaevbUg9NyYTSPmAfrMAlUHL49RR6LA181cYWT0pMDzd8msE"
    "tFjU1h6Gzdy7fRJ7sTO60OSNc7Ac1F5TYlZDt+3HcBWbLvQ6MDsTICm7smbDVXxpIN54xy"
    "IX+qktNVe07hfuO2E+iRg4zX7XqQwwk4uk6bExx5E71ZcDYjqn0Lm8u54au6bo4X1d3GzR"
    "/hthK3lexsK3GVduUNReIZLSvLyd+/P31Tzdc8TYm7cUz9b4HyTnFVOSafajblGaB+aOnU"
    "7jt4RHrPC6g3/XxNdfGBfY7fu3dUurWBPzn9aXoOTVvfbo7EZiW0h2csHCMcBIliw/u6Vf"
    "6T7Xl3LdFNr5QyV6ua5m83aqZaKTRSTKG9UF6XhOosHHLI1PRfo4/p3vMRwh9JTqC+Xd2p"
    "qPujbqCo2rSpfl1z7f3PKA49wB+pb4J/nv1fz8Jt1imn90s5ldwKiFe93dRv70Uqt8t32O"
    "Wvqdyyq9KYm8ztHJHV2zy4K5KAFyS4yh0wFH0E/XWJr3vVYcRxkDQwDJnyZExg7xgJ1XGS"
    "IB8vjXSCLZcl/WWyXP6yfZXIxyEdfvcwJ68Rmc3FMsnIEupf2NjDpAzQvsU0ooFIUgSKPD"
    "mMIlzTXThHU2KNZZ0+R9gj4n+vcQA7HIsg1IQj+cPl2z+QTEnSt2/MlA9/VJ74beIJz1HY"
    "LJ626govN3UxseqS4Q5Lu0y3Iyy8Sa/CaNM3+k3m2hCGtA1dv2FePFMxZqZsJxpJObyE3E"
    "HYIUk4pqEU1h6bzaiQEyHtBq9LSUBThMCAPgUwqTKBLoTrVtwtfk+bHrTJTE60Sd3S0bWi"
    "tTNEQebMqzxWoZ4BKxKb5Vh6qsIioiLteT7DPkxym9VQNs+tnLbqaIHIarU0nnMSic/JQa"
    "ZWqp5+KjuNlM8CldXq56YM6DX1cm97/ULEvUqAyMufx/SahIN4budcdW1LtiaYlSNjIDCf"
    "muFdpLN6x4QiLnhRaYTG1AdVcBwRnOyeoEe2reDaDYfg1QexqTaZp7K5oAtIXuXiLcqBEz"
    "ButTbjqfnTpSdxkdIln1sabcgsPePjFdZIbZaNFm5Oa76TKq6ss+R7aejTcfgz0YrsqXx7"
    "XF1ClvhAfig8bM/Y8SWddenVTGBHeLFyRqxPRvlHYqTIu8eHV8eHb056X+rdUzmfIAn95O"
    "SI0mJICL//+ZIEdeZaAvrb7CFWbD83BvzLbfrv3hDsnxEhlDtqzYmXu9tv8uT5ctwgUANb"
    "JwSnZp/2L2TONRSRUcwJTw5yym5I3WrBIr/ijKibPqzCMVf2xKVfoJ1xLn3YBjHeb/DNrf"
    "i1xoN6ozpPY7MryNo4/pabkd13uO3OQrqZSdBLG4HpdukgxH00olFbo+0uWQpY7quzuVH0"
    "OU+y4/YG66yFrjdsJNb420c4aJ1Wsel4tPy2TtZ2nm5vFxYcsn7/1pWzwJ0FbjM7tmaB36"
    "aBmeNAhYFZ5E+9gZn9RIO8fsU2bRFSDtliIPJ0E2k0UsljaQPK18oyDOg1UWcKazcxT7L5"
    "Sc2pxJt9vCtUtVhc9RssTdf4dAemj/qZ1RGretQLRDZ3xQNpAb9U9YaUSAvwbEFKeFI2lP"
    "i2pF7zGpLHF3iOyCd9Pg6HdoV9pENeY2uTlPc24SFgOPUur7VsU3c++4Aq/AF8mcMfIPg/"
    "s8CXt9h8Tvz06GO7TzfWk2zQFIdscOxUEdu+5NQjH0ALSvXWh+IV2Ekzdk145j5Ol6Pqcw"
    "QstpN7UD098KkUCEZ8K5HZvDf1Zv7ztMEUvLZknCSVSy/nsreMKXBerHwf3oExFaQ2M8da"
    "xQE8HR1SkQpku7X1v6nwqEHOUbIUAvkKXDXJSXOS+MpGmYZwCqVg0IrRN/W0bTn/ZYW44c"
    "5TprN50wEOkVB+Rax3Gxymqp1qBCA/Sq0BgR0ez3VJYMjAOEQ89iYoUWQtXGNSE5Kbvmrx"
    "Z8S6Ep3NrNNLTS60VeRZLsFV2b/+JXZypyFJu0kCNmVp7zwBNnu7LAEAeKAWjfFhu9tOvm"
    "SiynvQmHmZkticdpnxJDFblTcPJexRp5DYzJY/2dA4LJDRWMwYK/1r7kSz3ewGLs34jgc5"
    "wfnUgbs5sg2wdo8W2b7xd0rmok7VbmZxkXJvuJy56tLa60JwDQ4O1G5WuL4BR9C+TYiI/E"
    "k8YXxMR57MzjMkMJqTiLMQpX5z8M5C2BWsLzCStdVMpSEN3VnklJimdfmqejkOMZ9uwCrb"
    "4BkT4K6EPkAdBHSJdG+W770R0gYNOnJVqVlLjO4VEKvWG/vpC14vgCi4L0qlBt1hKhY33E"
    "WstlxPszcY3Wa+00UshuxTryLXKbnTb8pzYtmYr6Y4XbEZERMJANKhfz89fWXlkuQTtuCv"
    "VR8PyLYdLuXPp+OxXDmlFjVegOUe4a/nOd3Sd9wg2YmTinZzTT6ZhMClO20m3elOdhwHdT"
    "ENJSepWQ84glfnr1By3gVMZxyQqI9+jw8eH7yw07vvepO78hsT6K/+Ct7oTw8feAHzpgN4"
    "BS7wbP7w0YP77ESzpMFeqn5VKBQ5zaxeo8jpgOZVuRhlidfyFuHqADfY8tGSCDiuV8V1ol"
    "hMdH6i+HpxbsdnuhrdO6dKuBrdXeSg0cqjkps3rhWRVXtXm6PFpShhgQ8ZUXHIQQZpO0Zl"
    "aYBX8P75hwWL4XB4M8GXI7KunNRjsU78IAlzOWTFj2O59bbj7m7i3LxS8jVbspVyz6bcgt"
    "7HZKZ8zAdnlFdT5eHodvY5GW4rd4ZxUJUi2hRBSUnsjJ4kJq40b5dS8IVLrYzB1UQiJox7"
    "hVSKIUdjtqF6+w3GS3jM58SrWDb1ayajsHnZJPXYNJSSC5JXNXd0ncgrpDYufVQE1CNwOP"
    "JSM1HzymghbaxiXq1q4xSpPJXFHLFSlXal6xawwZWub790fU3sbADftlFSy+RNW2TzcrYA"
    "qnwBdP7+7GxXDQF+U13lexX+rOROv8mdpXvSt2wC8NuE6Sb2PFeM/4CjxDXUVwcyqWLbeD"
    "YkEehHC9h3QVMFFWiG4SSma6kiYVCN1n1bt/EFN4iN1ZeiH09wtK1S9N16tmb40yAg4VjA"
    "qSQvnjWI+NSZ8uJZyRpP3SwH6tZdPQNi79qIs0VIjBLDVwQuMdzcTzghOBJDgkWH3LQyrU"
    "tOs9khKHcAXqmyNp6+mBHZJsZ644gtOFr5f1VqsE4YTpJYbHM8WRJqfB+qAuGrOQmCmpBj"
    "eUijrhbrwQOejG7dGjglAH0JI/X2WW0lRAvjENQnwZj/SitUUEl7zTw8jAOsHFxLBLMADZ"
    "dVAcmNP78yOMlZHOVCLcq3leLmIpTWLL4m7a7EwjZ9GlYULjrZ6fDSBNS2eK8IbIZbnQEc"
    "SmkzItErJF+eRX0pQ6byuX4kdycFuN15ZTwn8VuvhRyNzeyxdjVwQgzVspTCOp2souev3V"
    "X5qo8IwNmleLJEa1XWxH0vjrVE2f6VhoeqD2iVmp3dbFSwr6mcYbqZaFuHqNRlz398d3X4"
    "ANqPRtfUI4hj3T0Io19Pz/uQwQ/aLnQKmpIlLx6ALhevGg59aOQkqfKI3sI33MQlSiskaI"
    "M3lG7wIFCLHKFPmgRiulM9eVnrCIVbzaoyXs3XItY/XV2c12RDryjK8pF6An1Gd+/sT8Ci"
    "WUko6wMlmQcPWEtDh6LWDptUnm47G1S76e/2Jyv2p0MS0eqT3ZM7jTsTzsZ8bVOqZ+yGW2"
    "LfF5/JDRN8GjtdVzuKG6OLNW7i/bQAi7vqwfPnLbZVOap2X1X3SvJ8PjdBOBl+B9F98vhx"
    "G6Xl8eN6rQXulfod6fa9JnpKjsQpKoaKyk43sy//DzcwZXI="
)
