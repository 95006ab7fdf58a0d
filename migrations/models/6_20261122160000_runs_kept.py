"""Pages that are kept, suspicions that are settled, jobs with priorities, schedules as cron has them."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

TABLES = """
CREATE TABLE "pages" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "url" TEXT NOT NULL,
    "external_id" TEXT,
    "card" JSONB,
    "fetched_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" SMALLINT NOT NULL,
    "etag" TEXT,
    "last_modified" TEXT,
    "hash" BYTEA NOT NULL,
    "body" BYTEA NOT NULL,
    "size" INT NOT NULL,
    "reader" TEXT NOT NULL,
    "said" JSONB NOT NULL
);
CREATE INDEX "idx_pages_run_id_754ccc" ON "pages" ("run_id", "id");
CREATE INDEX "idx_pages_source_68086c" ON "pages" ("source", "id");
COMMENT ON COLUMN "pages"."external_id" IS 'of the offer; null is a list''s page';
COMMENT ON COLUMN "pages"."card" IS 'what the list said of the offer';
COMMENT ON COLUMN "pages"."hash" IS 'of the body before compression';
COMMENT ON COLUMN "pages"."body" IS 'zlib';
COMMENT ON COLUMN "pages"."size" IS 'bytes that are stored';
COMMENT ON COLUMN "pages"."reader" IS 'the parser that read it, in the version it had';
COMMENT ON COLUMN "pages"."said" IS 'what that parser read';
COMMENT ON TABLE "pages" IS 'A page as a run fetched it, compressed, and what was read from it.';
CREATE TABLE "job_requests" (
    "key" VARCHAR(200) NOT NULL PRIMARY KEY,
    "job_id" BIGINT NOT NULL REFERENCES "jobs" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "job_requests" IS 'A request that must not be done twice, by the key that its sender chose.';
ALTER TABLE jobs ADD "priority" INT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD "settled_at" TIMESTAMPTZ, ADD "settled_by" BIGINT,
    ADD "unmodified" INT NOT NULL DEFAULT 0, ADD "read" INT NOT NULL DEFAULT 0,
    ADD "filled" JSONB NOT NULL DEFAULT '{}', ADD "drift" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE sources ADD "schedule" TEXT, ALTER "every" DROP NOT NULL;
COMMENT ON COLUMN runs."state" IS 'running|done|failed|suspicious|overruled|canceled';
COMMENT ON COLUMN jobs."priority" IS 'higher goes first';
COMMENT ON COLUMN runs."filled" IS 'how many of the items that were read have each field';
COMMENT ON COLUMN runs."drift" IS 'fields that far fewer items have than in the runs before';
COMMENT ON COLUMN runs."settled_by" IS 'by which run; null is by a person';
COMMENT ON COLUMN runs."read" IS 'items whose own page was read';
COMMENT ON COLUMN runs."unmodified" IS 'pages that were as they were before';
COMMENT ON COLUMN runs."settled_at" IS 'when a suspicion was settled';
COMMENT ON COLUMN sources."schedule" IS 'when to crawl, as cron says it, in UTC';
"""

RULES = """
-- An address may be longer than an index takes. What is compressed is not compressed again.
CREATE INDEX pages_url ON pages (source, md5(url), id);
ALTER TABLE pages ALTER body SET STORAGE EXTERNAL;
CREATE INDEX runs_suspicious ON runs (source) WHERE state = 'suspicious';
CREATE INDEX job_requests_job ON job_requests (job_id);
"""

DOWN = """
DROP TABLE job_requests, pages;
DROP INDEX runs_suspicious;
ALTER TABLE jobs DROP "priority";
UPDATE runs SET state = 'failed' WHERE state IN ('overruled', 'canceled');
ALTER TABLE runs DROP "settled_at", DROP "settled_by", DROP "unmodified", DROP "read",
    DROP "filled", DROP "drift";
COMMENT ON COLUMN runs."state" IS 'running|done|failed|suspicious';
UPDATE sources SET every = 86400 WHERE every IS NULL;
ALTER TABLE sources DROP "schedule", ALTER "every" SET NOT NULL;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return TABLES + RULES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXWtz2zbW/isYfXEy4+0kbi7d5JOduF13HTtjO293N82okAhJrClCIUArap3//uIApH"
    "gRSBO0JEI2viQWicPLc0Dg3M/fvSn1SMB+eE9wQKLeG/R3L8RTIv4ondlHPTybZcfhAMeD"
    "QA715Bh5DA8Yj/CQi8MjHDCyD2fZMPJn3KchDP5tQhEjQcD2EQ49NJ+QiPwApB4dClo/HN"
    "eOikP/a0z6nI4Jn8hH/vy5x2gcDQmcJt84iUIc9H2v9+WLOOCHHvlGGIyDn7Pr/sgngVd4"
    "VTFWnJLH+3wxk8eO/PFJyH+WY+HhBv0hDeJpmI2fLfiEhksCP+RwdExCEmFO4A48igGAMA"
    "6CBKoUE/UW2RD1lDkaj4xwHACMQK0eIDvW6/fPzq/6l8dX/X5vBeKUIodncmhIQ2CPeFQm"
    "ARjDI/zjnwcHP/74+uDZj69+evni9euXPz37SYyVz7t66vV39TAZWupSErOTX07OruCBqJ"
    "gDam7Age+SBnOsqCQzMvQz5hU5cCV4qcc/oyjxQLxcmQcp4nVMSA9kXMjm7hbYUIPo1fF/"
    "JJ5Txr4GcODs/w4v3v3r8OLJh8P/PJVnFsmZ0/OzX9LhGfxn707PjyQDMsDz34gB6iUyB3"
    "0L6OX/Bpin4x3YLcCeCciM0F4StII7WbkfK9ri3oRwo2V8SeHwNsd76POFCdrpeId1m7kt"
    "oDGb2gmBQ9sc7b/8mQnWyXCHtDnSAdYs2D8HFFdAnYwvQT0CggcF9vvzT0enx+jjxfG7k8"
    "uT87MCvOokHBIHfC4huDg+PC1jK25thK0a77BtgG0cBSYrRDLcrRDNVgiwk4yuc7o6HBjg"
    "4fUcR16/cCY33X3GxYMzjSUlofz53xdELCDwwqvMSKxNp+oqO8uX7GjyiIVpS0ejxEzWHq"
    "FzuMYDwgfmFj2gVbNt9dT0YFo+gkM8lq8E94Y7lWaTxqyZm2jVds38nG5i2MQczQidBQQx"
    "gqPh5A0S+iQa4mgfYYZ8ztCAMI7kNEATeUhn+Wx7GY1ptKkF9JpodIl3ExzpF9Rk+HqsEt"
    "2aQKf4Wz8g4ZhPxM+Dly9rFth0ORWjnpZWzuTUgTpXb++88UOTzSsZ7jYvc/GW+zwwUtuW"
    "BA5tc7QXYrFaBftyioOg0pOS0tztS7Ef78Sb8uPB61dL/wn8qPOYXH44PD1NXSS5TQpfG8"
    "3bdLybtubTVu77RmCnBA7tFkty5E+NVuRkvMPaHOsB9RYKMQPAC0QOdXPUvci/IfL+JrAX"
    "qRzu5riPYhIYz/YCkUO9zXqOQzb1GUuMFs3X9SKdw76FB5CGns8NgS8QOdTboB5QjZ5Th3"
    "hCYDHaPT4h4kJTP1ggOkLwS4b7+DRC8PxxVLZT2cGM9CH7xlxZpbSZPZhJnqjANzSPfE7A"
    "7GcnU8R9WzJlldJipli7QpFw7JsFPmUUDu8WFgQ/IHisAbzS7JWjsNjyJR+TNVtjEuPXwf"
    "MXr1/89OOrF0sL2PJInRls1QI2i3xdTHAlosvxNuM5n9CAII+K+0bsrbwC8hnaw+x6rxuY"
    "pyzSxNpUz9tkuMUgm5pr1wbliGAeR0Tj3j2MIryo0D9zRCVQwfnYANX1Bflefg3eq19Pfu"
    "/t/f19780bLnaMz19+7z3d3Gr8+ctq1C6nZihmJA5DZYPK3cZADCiROVmgTaQoHV73w3g6"
    "IEaSb5nOYW+OvYsKcxG6bUUzOg/RLMBDcSGZawjqtvhXSGchRd4yB9I+VrgQXhfCu4vY4i"
    "H3bzQa3hEVOhIO9QBnRCWMB4Jqm4KePgRwHdgenZ+fFhaJo5PyKvDpw9HxxZPnT4sYr2ok"
    "W0+s3Z0ZvJGluCq8t1KdzghaKdRrm83PVvfDQHxnEHbapfmn70XUxDpRJLLYRtFLTEAQwo"
    "swl6b9ADOOhhMcjgl4YJb2rA4MGX7EeJ8REvZ1ssV7gR73p6TCoFEmLrHBS6h/SP/Yqnp+"
    "RudPNqWHn3w4vrw6/PCxsKy8P7w6hjMHxS0yOfrkVSmOeHkR9NvJ1b8Q/ET/Oz+Tu+mMMj"
    "6O5B2zcVf/68Ez4ZjTfkjnfezl0UgPp4eKfkw517wWPC5SOgZbymCltWiLPNQVNymQWbyI"
    "mhp6t1LlpCQMGIOfp3LYm2C/krRWYoVGkaMR8cfhv4myKp+IB8ehVvp9mKlX4nCE58tkoM"
    "LcEy8vXpkozUI8ADr7dHra0ywva4A1qzD1MHEtLKgFYC/EGn9x8k5M3+oMy03mx6kJrcmO"
    "W8706ty4THdpmBkHOWxJ/ArDC4bwgMY8zWx7iziNhxPigThMbki0QDc+q0yPa38tVz5sFx"
    "f3feTS6cyEVZdOt+tou3Q6ubq4dLrdmrYunc6l0z1MrF06XReou3Q6l073eFB36XQune6x"
    "oe7S6axhhkuns5ApLp3OpdM9JrxdOp1Lp3PpdJaAbGqudel0lqWCuXS6+2Po0ulcOt3jw9"
    "6l07l0OpdOBwddOp1Lp7McW9dEccsLhWui2N0ardoy9LVNC6qhL5E56Nt4ayDm2PPHhGm2"
    "yRqfTZHMaslFuWvgiRGNUETnyOdojhmKCPbQKKJTOyUXj3DsBy3SuQqEa8jm2pr1j4SyGY"
    "p6fjTDY7Lk0/1ZtGvZXrudT78MW7c4nX4WUfHWU0NbWo7IWdOUAO/yix/DggQJ7W25XKZ1"
    "TLaUyS6J/IEzOIpD4yTmjMZix6YM0RJPKqR9zBHDUsyHdaeZ6NhNUrlL6bcordwlQKfzbK"
    "MJ0K7FbJctVD9CINA7uVf3NIni+dP7DVqp9lWNpon4RSNphrs7e/xQFUNSCzVGyZUQp/Qa"
    "0XAf4dADJ1P4VgZychKiwUKME2COxyRazSBfw/Xu7rT6uWxuTBPKXQa5dRnkzp7cmdHyIc"
    "YldhYyZ66EOeXLOuVrReDspjTMr3Sg2+/hcO0+/ycdNCwKI7ZhnwxlscM5ja6htTmW7pa5"
    "zyewLxPMiNiDJxRquKAJFY+tKiXCCeRRou+fvsbr3qOhutvRu9zRr8XLm2zl6Xi3h7fYww"
    "3Fph0Ql8S+iKZiLZcVpcSKBmsJRjBJpHIg3gDNMbgewUEchw1zOrbNFxzpVOVfL8/PKoSB"
    "ZHxZHPCHHN2irXur/v6+mW8AAKjHugxraWeHC6zGKQtITL6CJUHH34Egj4mn+QTUiVsxvU"
    "MB9K0nPoXbEfYDsgbf+oY0CSrUdc1SVKdMLEmsK8A98cdC5EBjEEek09PILr02nQJs+eZ6"
    "RUbldAuLdIuissjJdMZNytXnSWz7XjpTuqf4W78FlmWybvF8aQ+eUgvr03lolvBTIrM4wt"
    "BaOV5BGIfc1+T93BGvUSTdmSDCR7nyzyIKlzPSDfI099IPdoevG9ETxCl4fgPkMwqHe3vc"
    "SRQZ1rNJCdxO0iJLICKATZuosAKlUx4s3UIYx1E7BhcpnaBgM5dHfuizSSs2l0gdn23js4"
    "GbMS+9COyZTs81CcD6lQ4u1IXssfjbHYSVQ0zvk83hWeua7ec52MRFm4xXsVLTWPwVUo4G"
    "4CYNCeJzHzL8BwvpPwW3iBwHnhFGBH8iNJxQRnQ+2vVd+B5OWq3n6t0ER1vwXHXrpQXzU0"
    "DCMZ+InwfPntUsZ6k8KEaVpe/k1IE6V++Shdln6hTPaLo1j+2cb7wmavlPFcFxz5DlJA5k"
    "xxjQNGA5m3eFaOV3h5fvDt8fd9Wt6SOuiMHFdwXfQmps86gcyKNVQTNxiEaEy1ZKPt9HQz"
    "qdgRGIeGmQLC5lRlcF5Kzhkk1CbrPEE4i23Uf5zk4u/tbaaB1Xu6RGmdiEfaaDpC7bIO8m"
    "f2uLJdVsA/wR1efZbqUS2Ygxq36rElr2mNx0y3uxHayB2iomLpB0/A44QHpSgJHRxOKxEM"
    "O+h/J8ujdDNuIdSSSyNna+AqWz11tk4SuHJ8Yas119N8GM6iFt+etoKEg41pQyrNlVkvEW"
    "byfWbuSyFohQan1xR6OtfIXQoW+O/gSziU5RCHFUUfEopShXlFpwZYOwY9VIpSfoz4cGZE"
    "QjsjRGJN6L+9WdSrbeJTMEL45Ozg4v/qvnxpFmqz7679XxoaYJoRk/UgrL+fFX4A+sRZ35"
    "f5lkqabDbd421QRIkuDF5IeE/Kax/WsPMifYMwv3zChsVo5ljZkZjhiJFNDSqgl2Tz+Uq8"
    "8NiWC1gdIzk3UULdxICX6s06CrtbV0vCVpRI3UNfFPwqa1FI9cm5JmSTLwRRz2NI4HOLxf"
    "53dIc+Pudjuch2L7jfA8AG0ZPMDKwrsPGXbw05/OaMRVHt7ID8QJmc0LDmHV5IGt+h3WdM"
    "0mjgfnZrDG2OrcDNbsHB24/C3T1rrxMuxsMmqSbKrZpzVpqLcsZjN/6NOY3VIhSEUxHBxC"
    "3IK1SaoWxc06Q+smDK0uZPZx8JkRzoN2H3KBcme4rMrtY5QuuqGM0kle5v6L7a7yf6A1xl"
    "WLN0U6i0Wc3mCB5hN/OIGQrcy7LCshzoRq1NRE2o0EtAx4a2iwW453ae1ppEpY7XKphLFI"
    "ZBuWisvK2jOHbnSqC/xC/VA+gG7snz7XtpWotgtwfUeJziHubLqmZruGAKbDbcNPcRZq0z"
    "GCZA9F86Y264Y2JHMDZJPRtgHb2cRM2hwYIJijcCgudyNzHAs0DslUQV2W8GoIY0bgMEww"
    "HNPQxBucDnf4pTEMaehBc71pSbLrIG7bFEzEY3gasGva7uZoWrbetQHvGujW0W+3uhlcbR"
    "Gdql5wrsjmfoMwZT/Q7l3ViGcUFuPdm9A5muJwkUaKKyUg01Nl1MgE3xBE8HCCRstXtY5D"
    "XuSPjKobLQks4c/nLxr+KGeyYsgIR2hEBFsSLkm2iDNhGtIDMQ9GxgRXCskWJ8S6PH6WRO"
    "1cqugFTeDO5TKuoTp2R8U+NM4aZuJzgMCaEZGpvAz9kVzgh8U0+AMxvGAy8C1trgMhbz5D"
    "XqytDnHPq92jJIT8f+XjqK4JkY5/cEUhXr1oUBPi1YvKkhBwqj4e54ZE3B9io4zIPI2LyW"
    "kbgdA3zEMtEDnY21Qnl9GlJphnFA7wNum/YqUwqQW/HG+zTzbRzIV4yedE7Hp8TlWEa8MO"
    "FOs25DDI/YwDs1izHI3FAqWKd+AJvlIGGUY0zEQPIe5/unp3bxF/M/UdtPF/NSaflKClvW"
    "dLLEmLl0EYivwSsrgEiNymsWrnOPUb9krYuImIDIlHQsMGd3mibq2dz59pPJQBBeV37ofZ"
    "MiTYggOV397RQkRCeHddqDGlAcFhxZqfUZWT4wTZNpFeivnr3luPzs9PC8vL0Ul5/fj04e"
    "j44snzp8X5rPMDf+P9du1ASqQuetWiqDZLjBVHmA8nPY2tQp3YrzNVDGBIU1PFezqMpySE"
    "5l3SYOeLxQwvYKcH653Qfv2QvIVU4Cn0/vXS3GBlYADAwSKhasIltgeISV81YmzwPk0ykp"
    "LvJ0llVgH+LjHJzsQkMqNDbZJ9NQOWJFanGCf+DGijnWbATrEHk9xITNiyz5TOcl9OU7Wm"
    "QGSzxt6LZ4xE/DYpa2ml/uKla+cqBw6jCFcUOihQlVhgV9rxuqwmn788lMwv8fmEugVEHL"
    "4d+zck7MczO+eqC2bZ2sKMR2Ib6XPMrs3wLtJZvWNC8jk86B5Dse+BKDiWHVEi5WPmE99M"
    "w94yh+DR+7GpNJmnstn8CiRvpESDQyatIJihgBq25twyS1wvngeotBeiUZeannGy/QqpzW"
    "ujhZvTiu1ExxWNId602v4vhYvtGDu+p7PujqL7K5PRtPZ+zvJOQi+pI1D6GAza1HzMLmLF"
    "9nNvwDfaouY9wd4p4Vyao1aMeLmz+3WWPE+M6wdyYOPIo1TtU/aFzLiGIjKKGWFJWZ/shJ"
    "Ct5jTyNBWD7nsxjWGubIlLb6CMcU0ikpxtrkvb3JJfKzyoVqrzNDabguwN3thuiOpjh9tc"
    "NdgdlaCXhoeqJFpYxD008qOmSttD0hRatKm3p0X981XWQt4EHfEV/u4jHCQ5d9sPRRB3a6"
    "Vt5+l29sOCktuP77tyGrjTwG1mx9Y08E0qmDkOaBTMIn+qFczsFQ0K00q2JR1IGaSlwJKn"
    "UgvRSPzEKE1LeJu0frkhssKsMhNDmSwcQYSKvkbtei9/j9wXp2l2qWm6dJgOVB/5mnqPVT"
    "XqBSKbY9hhtYA3lTWtBdIcLFsTsbokuaqJbUvINW8hpnqOZ4h8U1VTGCQX7CPl8ho3lqY7"
    "SGfazYCHgOLUurwSYC3P3HqAKvwBfJnBH7Dw39LAE6fobEa8tBCu3TVv1STr1/khaww7Om"
    "LbPzl5yT1IGJFPfcjfgJ40pTeEZebj9HOE9hvy07OTezc+mfc9f5x0l2+8MRXJbN6belPv"
    "ZVp5AR5bME6Qik8vZ7K3jClQRVQ8D2vBGA2pzcyxVnCQzcXMQ5EKZN3q+v/QWNTirF1lIB"
    "6BcRmMtNRNrkOoScgpGiiRQvwyMrJtOfQFdlKxacQh942k6jKd7fsNTKrMcylYyNMu6upN"
    "7FzEaoJ8676guijfzgMos6fLHMjAAyl0G5fw3HbwHuU67bM2ci8lsTlsL+NJovZIaxBK2C"
    "NrG9jMFtdFpRvcXZ2kbe4GLkz1gTvJwHjRgrs5sp3plfEo+XtNZrxK1K5ncZFyZ7icmXrS"
    "3N2CcwbKkSkzHRxfgyFh1yZERP4kQ25clCFP1nFVhgqXYNoABaV2V7DugdsOtC9wdqJRRK"
    "fioLgqzITAv07zumX2axwKnXoNWtkaazu4tlUP95s0KPCQy2rMSiq0j6Bflm7YTVviagB9"
    "wXxRClVvD1MxOP4hYrXlfIydwWiT8TLnMR/Qbz1NrExyZr8uToZmY+4MkbmkU8InAgCUNN"
    "xImspnJkk2oXP2VtaBgGjNwUK8vj8eiy+nVOJkGGCxR3ircTIbusc9gmUY+Wpmk0kIXLjM"
    "esJlrsXLm1hn0vE2e7t6IC6mrsgktGePIXh09kYWQxd8gemMAxLto9/jg2cHr+y07l8TTf"
    "XNGu4QXfFNq5hjrensQaRvXH4N3qtfT/aGAR1e9+ERGMfT2ZOne4/ZiGZJgbZU/NIIFDnJ"
    "rFqiyMmA5lmdGGWBu+IUYUKzVls+WhCeNHKETZBPVHwbvzu5s+U1XY7ngxMlXI5nFzFMvr"
    "Yw7h3Ns319lka3e1eTQtJiKaGBBxE1cchgDVJ6jIzSAKvg47MPcxpDKXCzhS9HZF064pDG"
    "KvCDJMxlEFU9jsXW24y7XbWI06189Zqsdt2zKbag90cyU/7IO2ekVVO104Kf+TXcVu4M4k"
    "AXYljnQUlJ7PSeJCoutFtQTc+kMAZHkxUxYdwbREG+YmhM15SvvUZ/CYvZjAw1n031N5NR"
    "2PzZJPm8fihWriz0U+UZvEFy45IR7FDJVewHiNGkc53kldGHtL52ovBVG4dI5aks5oiVor"
    "RLfbaADS71efupzyvLzhrwbeoltWy9aYpsfp0tgCoeAJ19Oj3tKqH8N1mVvKexZyVn9uvM"
    "WaqmecMk8t8mVBVBZ7lk7j2GEtOQ6mMokzXj6YBEIB/NYd8FSRVEoCleqEajQwyi0aptax"
    "M3uIdvrDqVubqR4vpTmR9VM8Xd7SGwc2Wo6Tw0a+W3JHCB4eZ2wgnBER8QzFvEppVpXXCa"
    "zQZBsQMwrchat4jliGxbxnrjiM4ZWtp/ZWiwChhOglhsMzxZ4mo8JJGvbwaVnKmVzHA25i"
    "7BrPozW3MVncfiyLunTae2OI5+bagVKCtWht100BUlyoOXLxuIlGJUpUwpz5UiSWYzE4ST"
    "4Q8Q3efPnjVAV4yqRFeeK6W4qYofqwj/enl+VpHblpGUZRd/yNEtenh9jQCMeiGyLC+WRB"
    "G4wFHXm9n3/weeKhpw"
)
