"""Documents have the spans and cells that they are counted in, for histograms and maps."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

BEFORE = "DROP VIEW cars_documents;"

RULES = """
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

RULES_BEFORE = """
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
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return BEFORE + RULES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return BEFORE + RULES_BEFORE


MODELS_STATE = (
    "eJztXVtz2zYW/isYvTiZ0XYS59Z1nnxr113H7tjutrNpR4VESGJNEQoBWtHW+e+LA5DiRS"
    "At0LIIyXhJLBKHl++AB+eOvzsT6pGAfXdCcECizgH6uxPiCRF/lM50UQdPp9lxOMBxP5BD"
    "PTlGHsN9xiM84OLwEAeMdOEsG0T+lPs0hMG/jiliJAhYF+HQQ7Mxich3QOrRgaD1w1HtqD"
    "j0v8Skx+mI8LF85M+fO4zG0YDAafKVkyjEQc/3On/8IQ74oUe+Egbj4Of0tjf0SeAVXlWM"
    "Fafk8R6fT+WxI390FvIf5Fh4uH5vQIN4Embjp3M+puGCwA85HB2RkESYE7gDj2IAIIyDII"
    "EqxUS9RTZEPWWOxiNDHAcAI1CrB8iOdXq9i8ub3vXpTa/XWYI4pcjhmRwa0BDYIx6VSQBG"
    "8Aj/+Of+/ps3H/ZfvXn//bu3Hz68+/7V92KsfN7lUx++qYfJ0FKXkpid/Xh2cQMPRMUcUH"
    "MDDnyTNJhjRSWZkaGfMa/IgRvBSz3+GUWJB+LlyjxIEa9jQnog40I2dzfAhhpEb05/k3hO"
    "GPsSwIGL/xxeHf/r8OrFp8PfXsoz8+TM+eXFj+nwDP6L4/PLI8mADPD8N2KAeonMQd8Aev"
    "m/AebpeAd2A7CnAjIjtBcEjeBOJPdzRVvcmxBuJMYXFA5vc7wHPp+boJ2Od1g3mdsCGrOp"
    "nRA4tM3R/p8/NcE6Ge6QNkc6wBqB/UNAcQXUyfgS1EMg2CmwTy5/OTo/RT9fnR6fXZ9dXh"
    "TgVSfhkDjgcwnB1enheRlbcWsjbNV4h+0K2MZRYCIhkuFOQqwmIcBPMrzN2epwoI8HtzMc"
    "eb3Cmdx09xkXD840npSE8od/XxEhQOCFl5mReJvO1VW2li/Z0eQRC9OWDoeJm6w5QpdwjR"
    "3CB+YW3adVs2351GR/Uj6CQzySrwT3hjuVZpPGrZmbaNV+zfycXsWxiTmaEjoNCGIER4Px"
    "ARL2JBrgqIswQz5nqE8YR3IaoLE8pPN8Nr2MxjW6qgf0lmhsieMxjvQCNRm+Hq9Euy7QCf"
    "7aC0g44mPxc//duxoBm4pTMeplSXImp/bVuXp/550fmixeyXC3eJmrt9zngZHZtiBwaJuj"
    "PRfCahns6wkOgspISkrzcCzFfryTaMqb/Q/vF/ET+FEXMbn+dHh+noZIcosUvjWat+l4N2"
    "3Np61c943ATgkc2g1EcuRPjCRyMt5hbY51n3pzhZgB4AUih7o56l7k3xF5fxPYi1QOd3Pc"
    "hzEJjGd7gcih3kSe45BNfMYSp8Xqcr1I57BvEAGkoedzQ+ALRA71JqgHVGPn1CGeEFiMdo"
    "ePibjQxA/miA4R/JLpPj6NEDx/HJX9VHYwI33InjFXliltZg9mkicq8Q3NIp8TcPvZyRRx"
    "34ZMWaa0mCnWSigSjnyzxKeMwuHdwIPgBwSPNIBXur1yFBZ7vuRjstVkTOL82n/99sPb79"
    "+8f7vwgC2O1LnBlj1g08jX5QRXIroYbzOeszENCPKouG/EPsorIJ+hPcxu99qBecIiTa5N"
    "9bxNhlsMsqm7dm1QDgnmcUQ04d3DKMLzCvszR1QCFYKPK6C6viTf6y/Bifr14vfO3t/f9g"
    "4OuFgxPv/xe+fl00njz38sZ+1yaoZiRuIwVD6o3G0M1IASmdMFmmSK0sFtL4wnfWKk+Zbp"
    "HPbm2LusMJeh21Q1o7MQTQM8EBeStYZgbot/hXYWUuQtaiDtY4VL4XUpvNuILR5w/05j4R"
    "1RYSPhUA9wRlTCuC+oNqno6VMA14Ht0eXleUFIHJ2VpcAvn45Or168flnEeNki2Xhh7fbM"
    "4CcRxVXpvZXmdEbQyKBe22x+tbweBuI7g7TTNt0/PS+iJt6JIpHFPopO4gKCFF6EuXTtB5"
    "hxNBjjcEQgArPwZ7XgyPAjxnuMkLCn0y1OBHrcn5AKh0aZuMQGL6H+Lv1jo+b5BZ29eCo7"
    "/OzT6fXN4aefC2Ll5PDmFM7sF5fI5OiL96U84sVF0K9nN/9C8BP99/JCrqZTyvgoknfMxt"
    "38twPPhGNOeyGd9bCXRyM9nB4qxjHlXPMa8LhI6RhsKYOV1aJt8lDX3KRAZrEQNXX0bqTL"
    "SUkZMAY/T+WwN8F+qWitxAqNIUcj4o/CfxPlVT4TD45Drfa7m6VX4nCEZ4tioMLcEy8vXp"
    "koy0I8ALr45fy8oxEva4A16zC1m7gWBGoB2Csh46/OjsX0ra6wfMr6ODWhNdVxi5leXRuX"
    "2S4rVsZBDVuSv8LwnCHcpzFPK9s+Ik7jwZh4oA6TOxLN0Z3PKsvjml/LtQ/bRuHeRa6czk"
    "xZdeV02462K6eT0sWV023XtHXldK6cbjexduV0baDuyulcOd3zQd2V07lyuueGuiuns4YZ"
    "rpzOQqa4cjpXTvec8HbldK6czpXTWQKyqbvWldNZVgrmyukej6Erp3PldM8Pe1dO58rpXD"
    "kdHHTldK6cznJs3SaKGxYUbhPF9mS02pahp920oBr6EpmDvkm0BnKOPX9EmGaZrInZFMms"
    "1lxUuAaeGNEIRXSGfI5mmKGIYA8NIzqxU3PxCMd+0KCcq0C4hmqujXn/SCg3Q1HPj6Z4RB"
    "Z8ejyLtq3aa7vr6Rdp6xaX008jKt56YuhLyxE5b5pS4F198XMQSFDQ3pTLZVrHZEuZ7IrI"
    "d5zBURwaFzFnNBYHNmWKlnhSoe1jjhiWaj7IndVUx3aKyl1Jv0Vl5a4AOp1nT1oA7baYbX"
    "ML1Z8hEehYrtUdTaF4/nR3ha1Ue6pH01j8opF0wz1cPX6omiEpQY1RciXEKb1FNOwiHHoQ"
    "ZAo/ykROTkLUn4txAszRiETLFeRruN7DO61+Lrsb04JyV0FuXQW58ye35rTcxbzE1lLmzI"
    "0wZ3xZZ3wtKZzttIb5ifZ16z0crl3n/6L9FZvCiGXYJwPZ7HBGo1vY2hzLcMvM52NYlwlm"
    "RKzBYwo9XNCYisdWnRLhBPIo0e+fvsbrPmJDdbeit7mi34qXN1nK0/FuDW+whhuqTVugLo"
    "l1EU2ELJcdpYREA1mCEUwSaRyIN0AzDKFHCBDH4Yo1HZvmC450pvJP15cXFcpAMr6sDvgD"
    "ju7RxqNVf397mm8AAKjHugxraWWHCyznKQtITL6CBUHL34Egj4mn+QTUiXsxvUMB9L0nPo"
    "X7IfYDsobY+lPMdnA6myvAGZVTgi1SgotWDSeTKTfpq54nsa2zemvW4QR/7TXAskzWLp7v"
    "7MFTmgs9OgvNKlNKZBanwlmrcCoI45D7mgKVBxILiqRbk+32LCX/NKJwOSMlNk/zKEV2e/"
    "j6JAqtOAXPb4B8RuFwb447iSLDxispgVtJGqSzRwSwaZK+VKB0xoOlS4gws6NmDC5SOkXB"
    "Zi4P/dBn40ZsLpE6PtvGZ0viYVdx2NHEw+Bwty4elrqHH46HXcLuBRGeBeBtzjY46IKTGX"
    "76kymNuHJFD/1AnJABLXBDqz4HbDkWtqZrrpLukpWTukwXa+Nirkp4wwrmX7RvnK2b0exQ"
    "ksuGE6W3Nh6TxFs0ARlNJOaexWzqD3waWxqCtEj9dvaV07ztWWu2jc9QXG0SNVqMd+G3VP"
    "Hl2tLhasWX66uGny+CIZkZ4JeMdugVKzUNEMxROBTTnnihOY4FGodkqjkscolWhDEjcBgm"
    "GI6ori95JYLpcIdfuqPTnOu0mjrjfEGy7SBu2iAnsFOKBuya/n85moY9AG3Auwa6dTT+q+"
    "5KU5skUdWUxmX7dl2Qvn0nkiVRn2vl/dYEfq4XfvHq2I/yna9cDsXERw6BmSEhXhfKlv5M"
    "LvDdfBL8qTa69nlWnwwNK3yGvJjoiqAeebVHlD7J/5c+juMxjiostWT8ejyv7UZ5IFs2IO"
    "GIj8XP929rPpX0w3j/tiyFkjP78tQDe1+TiPsDbNSnO0/jYjpNndo9w+7oBSIHe5NScRwx"
    "s1TrjMIB3qTDsZAUmsq+StNoMb5d0+iB0r7EqEB9wmdELHt8RlWKREs7M0XaQGWNVRTpA5"
    "V2tUXvRERcnnGovVaIZ/szQYoJjVXrlckaNt1bjxVFBsQjoWEzijxRu7P+9atlE7UT0BmJ"
    "BN5hNt0FWzBkAw1J1NKEJyG8uy4noq5TbY7Ktap9sFVtKNbEXrOKyBKpi7xbFJG1xCo+wn"
    "ww7miMYnWiW2cT92HIqjbxCR3EExJCoT30aSS+EGZ4jjhVO+rKXTY/ogGdTKBPlyeE3JDC"
    "LjPSkgXAwfRV3eYSIxeSZ5at5Se8zyqpk8n3k3StU5lILoPSzgxKMqVqiq/OgAWJ1Xpxsu"
    "+B3As5Ur3xJtgjK++K3E5YgU5zX86qdmGByGbTsBNPhQHL75OGmY9e455k24lUdi5zoKYt"
    "foGq7b74GzHPl9rgb22Kqvh8Qp0AEYfvR/4dCXvx1M656uK9GxPMeCiWkR7H7NYM7yKd1S"
    "smVMnAg+4xFPseqIIjWRQqV0/QI30zC3vDHIJH78Wm2mSeyuLyBHnHA6nR4JBJLwhmKKB2"
    "t3d35cg7aLQXErYWlp5xVdASqc2y0cLFacl3ouOKxhFv2sz/x8LFtowd39JZ90BH/6XJWO"
    "jqf3x4fXx4crpaU3+hNXq+bmNYk57+P2cXsWL5eTTgT9rT/4Rg75xwLt1RS0683NlunSfP"
    "E+N6gRy4copLavYp/0LmXEMRGcaMsKT+ODshdKsZjTxNafNjL6ZxzJU9cekNlDPOdf21QY"
    "x3a3xzC34t8aDaqM7T2OwKsjdLYLO5kM8d7l3u8Z9u6Zrs4gpC3ENyw8fHu5O2zVLY6q6n"
    "r5dZO6YzRId8ib9dhIOkLGXzqQjibo2s7Tzd1n5Yq+91t0vflbPAnQVuMzs2ZoE/pYGZ44"
    "DGwCzyp9rAzF7RoIOWZJuyCH25PwOIvKEfBKBKiJ8YpfnvH9WmL/4dka2wlJuYIUZwBBkq"
    "+mZa672821/GYnHVrbE0Xd1FC6aPfE19xKoa9QKRxdV3cjtieFPZfE8gzcGzNRbSxQ/zvi"
    "2h13yEnOoZniLyVTUWYJDE3kUq5DVaWZtuoW5mOxMeAopT7/JSgrU8c+8BqvAH8GUKf4Dg"
    "v6eBJ07R6ZR4aceuAegu1m6ioiZZry4OWePY0RHb/snJS+6JL0499SE/ADtpQu8Iy9zH6e"
    "co94sFFtvJvTufzHqeLwSCEd9KZDavTZ2J9w4lmYrw2IJxglR8ejmXvWVMYYTLTasbMEZD"
    "ajNzrFUcwNPRIBWpQNaurf8PjUcNco6STyEQj8C4TEZa2Ca3QlMIIYW9r1QK8cvIybbh1B"
    "dYScWiUbGpS812OiU629cbmFRZ5FKwUPJLJSfBm9gpxGqSfOu+oLos39YTKLOnywLIwAOp"
    "dAttYEVWtJS8R7nO+qzN3EtJbE7by3iSmD3SG4QS9sgiepvZ4to9t4O7a8izydXApanueJ"
    "AMnBcNuJsjc92cbebvLZnyZvsnFim3hsuZqyet3S0EZ6DvlXLTwfE1OBK2bUJE5C8y4MZN"
    "GfJkLXdlqAgJYjQlEaMhSv2u4N2DsB1YXxDsRMOITsRBcVWYCYF/m9Z1y+rXOBQ29Rqssj"
    "X2dnAt93f3mzRo8JCrasxaKjTPoF+0bthOX+JyAn3BfVFKVW8OUzE5fhex2nA9xtZg9JT5"
    "Mpcx79OvHU2uTHKmW5cnQ7MxD6bIXNMJ4WMBAEp60ivfF85ckmxMZ+yj7AMB2Zr9uXh9fz"
    "QSX06pxckgwGKN8JbzZJ7oHo9IlmHki5lPJiFw6TLrSZe5FS9v4p1Jx9sc7eqAupiGIpPU"
    "nj2G4NHZgeyfLfgC0xkHJOqi3+P9V/vv7fTu3xJNm8ca7hBdl0ermGOt62wnyjeuvwQn6t"
    "eLvUFAB7c9eATG8WT64uXec3aiWdKgLVW/NApFTjOr1ihyOqB5VSdGWeKuOEWYsKzVko/m"
    "hEMnchnXiWI+Vvlt/OHizobXdDWeO6dKuBrPNnKYfG1j3Ad28PT1VRrtrl31Op00OkCU0M"
    "CDjJo4ZCCDlB0jszTAK/j8/MOcxoOx1j1cm3CwILKuHHFAY5X4QRLmMsiqHsVi6V2Nu23t"
    "oqSTfPWWrFbu2ZRb0PkzmSl/5oMz0qsp83Dkz7wMt5U7/TjQpRjWRVBSEjujJ4mJC339he"
    "AL50oZg6OJREwYd4Ao6FcMjeia6rXXGC+BPbLJQPPZVH8zGYXNn01Sz+uHQnJlqZ+qzuAA"
    "yYVLZrBDJ1exHiBGFRMVr4w+pPXtuAdftXGKVJ7KYo5YqUq70mcL2OBKnzdf+rwkdtaA76"
    "pRUsvkzarI5uVsAVTxAOjil/PztgrKf5VdyTsaf1ZyplvnzlI9zVcsIv91TFUTdJYr5t5j"
    "KHENqQ3zZLFmPOmTCPSjGay7oKmCCjTBczTGd0JFwqAaLfu2nuIGj4iNVZcyV+/Yt/5S5m"
    "e1a9/27iGwdW2o6Sw02zNuQeASw839hGOCI94nmDfITSvTuuQ0mx2CYgVgWpW1TojliGwT"
    "Y51RRGcMLfy/MjVYJQwnSSy2OZ4sCTUeksjXbwaVnKnVzHA25iHFrPozW3MXnecSyHukT6"
    "e2OY5eNtQqlBWSYTsDdEWNcv/duxVUSjGqUqeU50qZJNOpCcLJ8B1E9/WrVyugK0ZVoivP"
    "lUrcVMePZYR/ur68qKhty0jKuos/4Oge7d6+RgBGvRJZ1hdLqghc4Kjtxezb/wFDFgO7"
)
