"""What people searched for, without who they are; written by the API, off the way of answers."""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import Now
from tortoise.models import Model


class SearchEvent(Model):
    """One search that was answered; `query_id` is in the answer."""

    query_id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField(db_index=True)
    collection = fields.TextField()
    visitor = fields.BigIntField(
        description="of address and agent, hashed with a salt that nobody has after the day"
    )
    q = fields.TextField(description="in lower case; empty where there was none")
    filters: list[str] = ArrayField("text", description="facet=value, or a parameter's name")
    results = fields.IntField()
    page = fields.IntField()

    class Meta:
        table = "search_events"


class ListingEvent(Model):
    """A result of a search that somebody opened, or saw."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField(db_index=True)
    query_id = fields.UUIDField(db_index=True)
    kind = fields.TextField(description="click|view")
    key = fields.TextField()
    position = fields.IntField(description="among all results, from 1")

    class Meta:
        table = "listing_events"


class EventLoss(Model):
    """Events that a process of the API could not keep until Postgres took them."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField(db_default=Now(), db_index=True)
    events = fields.IntField()

    class Meta:
        table = "event_losses"
