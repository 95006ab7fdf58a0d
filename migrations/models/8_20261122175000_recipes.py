"""Sources whose pages are read by a recipe."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

RULES = ""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "sources" ADD "recipe" TEXT;
        COMMENT ON COLUMN "sources"."recipe" IS 'how its pages are read, where no parser is';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "sources" DROP "recipe";"""
