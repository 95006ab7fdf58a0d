"""What people searched for and opened, and how much of that was lost."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

TABLES = """
CREATE TABLE "search_events" (
    "query_id" UUID NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "collection" TEXT NOT NULL,
    "visitor" BIGINT NOT NULL,
    "q" TEXT NOT NULL,
    "filters" TEXT[] NOT NULL,
    "results" INT NOT NULL,
    "page" INT NOT NULL
);
CREATE INDEX "idx_search_even_at_8673f8" ON "search_events" ("at");
COMMENT ON COLUMN "search_events"."visitor" IS 'of address and agent, hashed with a salt that nobody has after the day';
COMMENT ON COLUMN "search_events"."q" IS 'in lower case; empty where there was none';
COMMENT ON COLUMN "search_events"."filters" IS 'facet=value, or a parameter''s name';
COMMENT ON TABLE "search_events" IS 'One search that was answered; `query_id` is in the answer.';
CREATE TABLE "listing_events" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "query_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "position" INT NOT NULL
);
CREATE INDEX "idx_listing_eve_at_1dabde" ON "listing_events" ("at");
CREATE INDEX "idx_listing_eve_query_i_fc6a24" ON "listing_events" ("query_id");
COMMENT ON COLUMN "listing_events"."kind" IS 'click|view';
COMMENT ON COLUMN "listing_events"."position" IS 'among all results, from 1';
COMMENT ON TABLE "listing_events" IS 'A result of a search that somebody opened, or saw.';
CREATE TABLE "event_losses" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "events" INT NOT NULL
);
CREATE INDEX "idx_event_losse_at_f32134" ON "event_losses" ("at");
COMMENT ON TABLE "event_losses" IS 'Events that a process of the API could not keep until Postgres took them.';
"""

RULES = ""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return TABLES + RULES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DROP TABLE "event_losses";
DROP TABLE "listing_events";
DROP TABLE "search_events";
"""
