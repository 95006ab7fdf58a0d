"""Breakers of sources, and sources inside our network."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

RULES = ""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "breakers" (
    "source" VARCHAR(64) NOT NULL PRIMARY KEY,
    "failures" INT NOT NULL DEFAULT 0,
    "opened" INT NOT NULL DEFAULT 0,
    "until" TIMESTAMPTZ,
    "reason" TEXT
);
COMMENT ON COLUMN "breakers"."failures" IS 'crawls in a row that the site failed';
COMMENT ON COLUMN "breakers"."opened" IS 'times in a row; 0 is closed';
COMMENT ON TABLE "breakers" IS 'What keeps a source from being asked that is away or does not want us (a circuit breaker).

Open until `until`, half-open after that: the next crawl closes it or opens it for longer.';
        ALTER TABLE "sources" ADD "private" BOOL NOT NULL DEFAULT False;
COMMENT ON COLUMN "sources"."private" IS 'may be at an address inside our network';
        COMMENT ON COLUMN "runs"."state" IS 'running|done|failed|blocked|suspicious|overruled|canceled';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "breakers";
        ALTER TABLE "sources" DROP "private";
        UPDATE runs SET state = 'failed' WHERE state = 'blocked';
        COMMENT ON COLUMN "runs"."state" IS 'running|done|failed|suspicious|overruled|canceled';"""
