"""The price history with one index, changes compared by hash, and no view of the lag."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

BEFORE = """
DROP VIEW sync_lag;
"""

# The prices can be read while the index is made; only those who write them wait for it.
RULES = """
-- One index gives a listing's prices in their order and finds those to delete. Another one on the
-- number alone, which nobody looks for, would cost each change of a price a tenth to a quarter more.
CREATE UNIQUE INDEX listing_price_history_order ON listing_price_history (listing_key, id);
ALTER TABLE listing_price_history DROP CONSTRAINT listing_price_history_pkey,
    ADD CONSTRAINT listing_price_history_pkey PRIMARY KEY USING INDEX listing_price_history_order;

-- The planner knows nothing of the keys in the rows of a statement; for a merge join it would sort
-- these rows, whole as they are, on both sides.
ALTER FUNCTION listings_updated SET enable_mergejoin = off;
"""

AFTER = """
DROP INDEX idx_listing_pri_listing_5740bb;
"""

DOWN = """
ALTER FUNCTION listings_updated RESET ALL;
CREATE INDEX idx_listing_pri_listing_5740bb ON listing_price_history (listing_key, id);
ALTER TABLE listing_price_history DROP CONSTRAINT listing_price_history_pkey,
    ADD CONSTRAINT listing_price_history_pkey PRIMARY KEY (id);
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
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return BEFORE + RULES + AFTER


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


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
    "EQ59CDKFr1UipyAhGi7lOAnmeEyi9QryDTzvBietumLxXRaLO9fxzvyTdzEFcWfZceb2lr"
    "OzrLOz1nTL3XSBOYoInlb3gUlvNW7tQz3IpBfMlJA5l3tqUoABQRU0JLALYz4lvt6aqRyx"
    "wEuIwviMQOYIxGFCgWKOHmLk0ciLpc2WfP2jmlYxt/JVv4e/hxdzqRnEoaAB+qj++9hHEx"
    "yMvmFwA48EidTDX6l4Uij3FuRJtThAXsC4KjeBr4PB6u+R/BCwcAMaRl0qQP1x7ptOBbDo"
    "RPcXzxqkRLqrvXhWe5473GpWKUaYBtWJyrVbW57Eus6vapLKKSnnsIp+qgWiqqWogKI2Gp"
    "CW4bVNb3qwVkiF+lzfTW9FYB3KsNlmIL9Gj0EGKcmwI3CVCDNVKlZEexM2vjfKRcGJSzA3"
    "S13PKCzO1bDK1LFEmfuJDasUObjcqMT9yYYtFbhDNKfEU02qFyyaSjUq2SgWVEzAnyKnDn"
    "mNFhMGvffQhMnX1h2u4YbWr6oa+23wuc49s6fuman88SZiKh3vHDIdHDKGPrA98H31pKY6"
    "k3un6gQqJRrIEoxgkiinrvwF0qqDlDFI7IvDlrW42+YLjqpCHD9dXZzXeHaS8WUdjHoCfU"
    "ZbzzL658vtrAEAoBnrMqwlTQoesF5fJiExWQUrgh2vA0keJ6ZCcQnoG5/l9A4l0J99uRQ+"
    "mxhtO3ALs4iKClHU5BlekVhn2E3oWKocaAzqiEpW2405BzkY5k7ijMo5ii215bAQZDYXJu"
    "6mPIlt62VnERTwEnbAsky2Wzyf24OnssIGbBGaFWqXyJy3oUM5lIKwk/+uROq8eDZL/nnE"
    "4HFGtkGe5kb2wf7w9VbsBHkL3t8A+YzC4d4ddxJFhn0IUwK3k3So7owIYNMlm79A6YwHS7"
    "cQLnDUjcFFSqco2MzlEQ0pn3Ric4nU8dk2PhuEGfPai8SeV9m5JonzP7HhpX6QPR5/u5Pn"
    "c4hVx2RzeDaGZgd5DrYJ0SbjdfLOLJZ/QUrbEMKkIUFiQaEz03Cp4qcQFtFZcIIjTiR/Iu"
    "RNGCdVMdrNPfgGQdrKyFV9ettGI1cW5bYdPH7cIrlNjqrNblP3mkOyMPtMg+IZzW7dY3sX"
    "G2+oNvtTZ3DcsNQsyQPZMwa0LTTL5l2hyuz48Or48M3Jrk7ZfItraqfw14qmoKVJ+6wc6H"
    "+ik2biEI2IUEdgUtFHHpvNwQlE/LS4CZc62tQl5GzgkV8X8x9yBcNw7GYf5U/kTA/idNk6"
    "1mXruJ5zDcbEbfhndlCMbxvku6m732IrXNsA3/Yc32Ffxe12mFMHaGenFuhC5Adcbbrlvd"
    "gO1kBPPJMQSDp+DwIgvUVa5QKvhTimPsrz6cYMuZXoSKKRdfHzFSidv94iD185PTGucNs1"
    "nwKdUd2lLX8TB0ETgStaUDfsKsl4i7cTazdy1cNNGrVUfqPRVr5G6NA3R3+C+aTKUAhxVN"
    "OpMqUodwJdCu2DsENqpNoTnKuMhmTEIrJyRiTRi5v1C0223hUzJC+OTs8PL/9TzY2jiq36"
    "6D/vTg4rDo8240dKYTk//g7o0FrUOf3bpOVIOtzmbVNPgKR5kZz80EhpVzXD4OwzS/fMKG"
    "w2jlVvwDmOeNLCQXs1we9JQyV9rkkE0gb6Nkw20Wz6Vo5OwlUWdL21lo63pIyolbkm/0nY"
    "tJGm3xsz0iwpBr6Mw15F4AEu95viDmlt3NfDDhchSbqayH0ZIsDaw9tXrU3kRzqbs0joOr"
    "wRDeQNVc0LAWF9OBdfjzts6JltAg8uzGCNs9WFGazZOXYQ8rfMWttNlGFvi1GTYtOKfbqi"
    "DPXzMGDeVP7PYz6nHmUx/8ykQhXFcNOD/AVri1Utyp91DtfbcLi61Nn7wWdOhAi6LeQC5d"
    "5wWR+XhFEqdEOVrZP8mJsL233l/7DSKVev5hTpLFZ1esMlWkyoN4HUrSzKrDpZz6WJ1NZV"
    "uhtNaJX41tJxtxrvyttX7fzqQy+1MBaJbMNSc1l7fRZwmjBW/b+W+oOOBezGD0pF5bFg9f"
    "4BUX0i2M4h3tl0Td13LQFMh9uGn+Ys9KjjBKkzsM0PJdw0tCFZGCCbjLYN2J1NzOSYKgME"
    "cxQOxdVuZI5jgcYhmes2bQRjRuAwTDAcs9AkKpwOd/iluQxpCkJ7u2lFsu8gbtslTORr+B"
    "Vgfx8wXGujrmhKaI+AaE/wboDuzcX7o7MT9Pby5Pj06jQJ2a7cC+omXMrO8r08OTxrfZhv"
    "YzOdurN8XbPNfot0ZRpU7l31iGcUFuPdm7AFmuFwmWaMayMgs1NV9sgEXxNEsDdBo9VPtY"
    "5DfkRHRl2OVgSW8OfDHxX80UFlzZARjtCISLYkXFJskXfCNLUHch+MnAmuJZItQYg71sr/"
    "SmcxVCTwXK3yG+pzeHQOROvqYXW4C4O1oUp6OfqYPODb5Sz4iDhecpUAlx6OCKlvlCM/ru"
    "wSccOn3aA1hPp/bXHU94ZIx9+55hC3f/DRNYkE9bBRZWSexuXmdM1AGBjWoxaIHOxdupSr"
    "LFMTzDMKB3iXUnfi0blRMlRGYbGeo2wFyFTVsSycWAd92AXl3yFL85mppYdTwNk7Jr36V+"
    "NtjpUnHhOp9osFkdqIWDCdgdySCZt2sHGozY0Ds1zAHI3NC0CpeyLBV+mGXsTCTCWUZtj7"
    "d8d2Tv6oMj+zwRWXEnT0w22JJWlzOUgPUishyxeBzHoW62PSZ7TlWRa37rojHvFJaHiadJ"
    "5ot17oJ48rIscBA6fEgoaZGJJswYHuP7AjQURC+O1VqeCMBQSHNTI/oyoXL0qybSK9Mr82"
    "rfMcXVycFcTL0WlZfrz/5ejk8uGTR8X5XJHrFNHrSrnSiHGOascY17gUZhjqcxFUKYYI+z"
    "4U6ErhzqlPEIsjFMpJzqLpjSXKBjkBZzQPuh2cUyJ1+d0W5X1a4s47uSahOGNco1fy6GU3"
    "+01OPQLDBoEc19azpx6clgujecQ8WIdJoOLw7SnyWBz4qokrnJSeHGj+NoFdKmpsCkNn61"
    "6+jT7ZndhpdUC63gloLiq3KSHb8eO+C8iSfR8aHYiVEdjcNWGruTKWbDhnlAv5U5Wcrtpz"
    "Cvcbt51AjxxkvG7XgxxOwNF12pzgyJvozYKzGVHtW9hczg1f1XVzvKjuNm7+CLeVuK1kZ1"
    "uJq7QrbygSz2hZWU7+/v3pm2q+5mlK3I1j6n8LlHeKq8ox+VSzKc8A9UNLp3bfwSPSe15A"
    "venna6qLD+xz/N69o9KtDfzJ6U/Tc2ja+nZzJDYroT08Y+EY4SBIFBve163yn2zPu2uJbn"
    "qllLla1TR/u1Ez1UqhkWIK7YXyuiRUZ+GQQ6am/xp9TPeejxD+SHIC9e3qTkXdH3UDRdWm"
    "TfXrmmvvf0Zx6AH+SH0T/PPs/3oWbrNOOb1fyqnkVkC86u2mfnsvUrldvsMuf03lll2Vxt"
    "xkbueIrN7mwV2RBLwgwVXugKHoI+ivS3zdqw4jjoOkgWHIlCdjAnvHSKiOkwT5eGmkE2y5"
    "LOkvk+Xyl+2rRD4O6fC7hzl5jchsLpZJRpZQ/8LGHiZlgPYtphENRJIiUOTJYRThmu7COZ"
    "oSayzr9DnCHhH/e40D2OFYBKEmHMkfLt/+gWRKkr59Y6Z8+KPyxG8TT3iOwmbxtFVXeLmp"
    "i4lVlwx3WNpluh1h4U16FUabvtFvMteGMKRt6PoN8+KZijEzZTvRSMrhJeQOwg5JwjENpb"
    "D22GxGhZwIaTd4XUoCmiIEBvQpgEmVCXQhXLfibvF72vSgTWZyok3qlo6uFa2dIQoyZ17l"
    "sQr1DFiR2CzH0lMVFhEVac/zGfZhktushrJ5buW0VUcLRFarpfGck0h8Tg4ytVL19FPZaa"
    "R8FqisVj83ZUCvqZd72+sXIu5VAkRe/jym1yQcxHM756prW7I1wawcGQOB+dQM7yKd1Tsm"
    "FHHBi0ojNKY+qILjiOBk9wQ9sm0F1244BK8+iE21yTyVzQVdQPIqF29RDpyAcau1GU/Nny"
    "49iYuULvnc0mhDZukZH6+wRmqzbLRwc1rznVRxZZ0l30tDn47Dn4lWZE/l2+PqErLEB/JD"
    "4WF7xo4v6axLr2YCO8KLlTNifTLKPxIjRd49Prw6Pnxz0vtS757K+QRJ6CcnR5QWQ0L4/c"
    "+XJKgz1xLQ32YPsWL7uTHgX27Tf/eGYP+MCKHcUWtOvNzdfpMnz5fjBoEa2DohODX7tH8h"
    "c66hiIxiTnhykFN2Q+pWCxb5FWdE3fRhFY65sicu/QLtjHPpwzaI8X6Db27FrzUe1BvVeR"
    "qbXUHWxvG33IzsvsNtdxbSzUyCXtoITLdLByHuoxGN2hptd8lSwHJfnc2Nos95kh23N1hn"
    "LXS9YSOxxt8+wkHrtIpNx6Plt3WytvN0e7uw4JD1+7eunAXuLHCb2bE1C/w2DcwcByoMzC"
    "J/6g3M7Cca5PUrtmmLkHLIFgORp5tIo5FKHksbUL5WlmFAr4k6U1i7iXmSzU9qTiXe7ONd"
    "oarF4qrfYGm6xqc7MH3Uz6yOWNWjXiCyuSseSAv4pao3pERagGcLUsKTsqHEtyX1mteQPL"
    "7Ac0Q+6fNxOLQr7CMd8hpbm6S8twkPAcOpd3mtZZu689kHVOEP4Msc/gDB/5kFvrzF5nPi"
    "p0cf2326sZ5kg6Y4ZINjp4rY9iWnHvkAWlCqtz4Ur8BOmrFrwjP3cbocVZ8jYLGd3IPq6Y"
    "FPpUAw4luJzOa9qTfzn6cNpuC1JeMkqVx6OZe9ZUyB82Ll+/AOjKkgtZk51ioO4OnokIpU"
    "INutrf9NhUcNco6SpRDIV+CqSU6ak8RXNso0hFMoBYNWjL6pp23L+S8rxA13njKdzZsOcI"
    "iE8itivdvgMFXtVCMA+VFqDQjs8HiuSwJDBsYh4rE3QYkia+Eak5qQ3PRViz8j1pXobGad"
    "Xmpyoa0iz3IJrsr+9S+xkzsNSdpNErApS3vnCbDZ22UJAMADtWiMD9vddvIlE1Xeg8bMy5"
    "TE5rTLjCeJ2aq8eShhjzqFxGa2/MmGxmGBjMZixljpX3Mnmu1mN3Bpxnc8yAnOpw7czZFt"
    "gLV7tMj2jb9TMhd1qnYzi4uUe8PlzFWX1l4XgmtwcKB2s8L1DTiC9m1CRORP4gnjYzryZH"
    "aeIYHRnESchSj1m4N3FsKuYH2BkaytZioNaejOIqfENK3LV9XLcYj5dANW2QbPmAB3JfQB"
    "6iCgS6R7s3zvjZA2aNCRq0rNWmJ0r4BYtd7YT1/wegFEwX1RKjXoDlOxuOEuYrXlepq9we"
    "g2850uYjFkn3oVuU7JnX5TnhPLxnw1xemKzYiYSACQDv376ekrK5ckn7AFf636eEC27XAp"
    "fz4dj+XKKbWo8QIs9wh/Pc/plr7jBslOnFS0m2vyySQELt1pM+lOd7LjOKiLaSg5Sc16wB"
    "G8On+FkvMuYDrjgER99Ht88PjghZ3efdeb3JXfmEB/9VfwRn96+MALmDcdwCtwgWfzh48e"
    "3GcnmiUN9lL1q0KhyGlm9RpFTgc0r8rFKEu8lrcIVwe4wZaPlkTAcb0qrhPFYqLzE8XXi3"
    "M7PtPV6N45VcLV6O4iB41WHpXcvHGtiKzau9ocLS5FCQt8yIiKQw4ySNsxKksDvIL3zz8s"
    "WAyHw5sJvhyRdeWkHot14gdJmMshK34cy623HXd3E+fmlZKv2ZKtlHs25Rb0PiYz5WM+OK"
    "O8mioPR7ezz8lwW7kzjIOqFNGmCEpKYmf0JDFxpXm7lIIvXGplDK4mEjFh3CukUgw5GrMN"
    "1dtvMF7CYz4nXsWyqV8zGYXNyyapx6ahlFyQvKq5o+tEXiG1cemjIqAegcORl5qJmldGC2"
    "ljFfNqVRunSOWpLOaIlaq0K123gA2udH37petrYmcD+LaNklomb9oim5ezBVDlC6Dz92dn"
    "u2oI8JvqKt+r8Gcld/pN7izdk75lE4DfJkw3see5YvwHHCWuob46kEkV28azIYlAP1rAvg"
    "uaKqhAMwwnMV1LFQmDarTu27qNL7hBbKy+FP14gqNtlaLv1rM1w58GAQnHAk4lefGsQcSn"
    "zpQXz0rWeOpmOVC37uoZEHvXRpwtQmKUGL4icInh5n7CCcGRGBIsOuSmlWldcprNDkG5A/"
    "BKlbXx9MWMyDYx1htHbMHRyv+rUoN1wnCSxGKb48mSUOP7UBUIX81JENSEHMtDGnW1WA8e"
    "8GR069bAKQHoSxipt89qKyFaGIegPgnG/FdaoYJK2mvm4WEcYOXgWiKYBWi4rApIbvz5lc"
    "FJzuIoF2pRvq0UNxehtGbxNWl3JRa26dOwonDRyU6HlyagtsV7RWAz3OoM4FBKmxGJXiH5"
    "8izqSxkylc/1I7k7KcDtzivjOYnfei3kaGxmj7WrgRNiqJalFNbpZBU9f+2uyld9RADOLs"
    "WTJVqrsibue3GsJcr2rzQ8VH1Aq9Ts7Gajgn1N5QzTzUTbOkSlLnv+47urwwfQfjS6ph5B"
    "HOvuQRj9enrehwx+0HahU9CULHnxAHS5eNVw6EMjJ0mVR/QWvuEmLlFaIUEbvKF0gweBWu"
    "QIfdIkENOd6snLWkco3GpWlfFqvhax/unq4rwmG3pFUZaP1BPoM7p7Z38CFs1KQlkfKMk8"
    "eMBaGjoUtXbYpPJ029mg2k1/tz9ZsT8dkohWn+ye3GncmXA25mubUj1jN9wS+774TG6Y4N"
    "PY6braUdwYXaxxE++nBVjcVQ+eP2+xrcpRtfuquleS5/O5CcLJ8DuI7pPHj9soLY8f12st"
    "cK/U70i37zXRU3IkTlExVFR2upl9+X+0TF53"
)
