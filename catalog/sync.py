"""What the indexer keeps about its work: what changed, what is pending, what was sent."""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import Now, SqlDefault
from tortoise.models import Model

COMING = ("loading", "draining", "swapping")
FOLLOWED = (*COMING, "live", "old")
"""The states in which a generation gets every change."""

STATES = (*FOLLOWED, "dropped", "failed", "canceled")


class Outbox(Model):
    """Something changed that a document shows; written by triggers, deleted when claimed."""

    seq = fields.BigIntField(primary_key=True)
    kind = fields.TextField(description="one of the vertical's kinds: listing, dealer, …")
    key = fields.TextField()
    at = fields.DatetimeField(db_default=SqlDefault("clock_timestamp()"))

    class Meta:
        table = "outbox"


class Generation(Model):
    """One index that is or was filled for a vertical; the live one answers searches."""

    id = fields.BigIntField(primary_key=True)
    vertical = fields.TextField()
    index_uid = fields.TextField(
        null=True,
        description="the name its content has in the engine now; a swap exchanges two, null: gone",
    )
    state = fields.TextField(
        db_default="loading",
        description="|".join(STATES),
    )
    engine_created_at = fields.TextField(
        null=True, description="the index's createdAt: it moves with the content at a swap"
    )
    view_digest = fields.TextField(description="md5 of the view's definition")
    settings_digest = fields.TextField()
    last_task = fields.BigIntField(
        db_default=-1, description="uid of the latest of its tasks that is known to be done"
    )
    last_task_at = fields.TextField(
        null=True, description="its enqueuedAt: an engine from an old backup has another such uid"
    )
    indexed = fields.BigIntField(
        null=True,
        description="documents of the live index when it was last seen; what was pending at its end"
        " is taken off",
    )
    loaded_until = fields.TextField(null=True, description="the last document id that was loaded")
    documents = fields.BigIntField(db_default=0, description="documents that the load has read")
    total = fields.BigIntField(null=True, description="documents in the table at the start")
    job_id = fields.BigIntField(null=True)
    error = fields.TextField(null=True)
    created_at = fields.DatetimeField(db_default=Now())
    live_at = fields.DatetimeField(null=True)
    kept_until = fields.DatetimeField(
        null=True, description="the index before the live one is dropped then"
    )
    rejected = fields.BooleanField(
        db_default=False,
        description="a person canceled it or went back from it: none like it is made unasked",
    )
    refused = fields.BooleanField(
        db_default=False,
        description="the table looked emptied: none is made unasked until that is over",
    )
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "generations"


class Pending(Model):
    """A document that a generation does not show yet as the truth has it."""

    id = fields.BigIntField(primary_key=True)
    generation: fields.ForeignKeyRelation[Generation] = fields.ForeignKeyField(
        "models.Generation", related_name="pending", on_delete=fields.CASCADE
    )
    document = fields.TextField()
    since = fields.DatetimeField(description="when the oldest unsent change was made")
    touched = fields.BigIntField(db_default=1, description="counts the changes; a guard")
    sent = fields.BigIntField(null=True, description="`touched` before the batch read the document")
    bulk = fields.BooleanField(
        db_default=False, description="one of very many that one change touched: others go first"
    )
    suspect = fields.IntField(
        null=True, description="it was in a task that failed: sent with at most so many others"
    )
    batch: fields.ForeignKeyNullableRelation["Batch"] = fields.ForeignKeyField(
        "models.Batch", related_name="pending", null=True, on_delete=fields.SET_NULL
    )

    class Meta:
        table = "pending"
        unique_together = (("generation", "document"),)


class Batch(Model):
    """Documents on their way to the engine; committed before it is posted, deleted when done."""

    id = fields.BigIntField(primary_key=True)
    generation: fields.ForeignKeyRelation[Generation] = fields.ForeignKeyField(
        "models.Generation", related_name="batches", on_delete=fields.CASCADE
    )
    epoch = fields.BigIntField(description="of the writer that made it")
    operation = fields.TextField(description="upsert|delete")
    documents: list[str] = ArrayField("text")
    state = fields.TextField(db_default="open", description="open|given_up")
    bytes = fields.BigIntField(db_default=0)
    after_task = fields.BigIntField(description="its task's uid is greater than this")
    task_uid = fields.BigIntField(null=True, description="null: the answer was lost")
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "batches"
        indexes = (("generation", "state"),)


class DeadLetter(Model):
    """A document that the engine refuses, with the engine's words."""

    id = fields.BigIntField(primary_key=True)
    generation: fields.ForeignKeyRelation[Generation] = fields.ForeignKeyField(
        "models.Generation", related_name="dead_letters", on_delete=fields.CASCADE
    )
    document = fields.TextField()
    error = fields.TextField()
    at = fields.DatetimeField(db_default=Now(), description="when it was refused first")
    attempts = fields.IntField(db_default=1, description="how often it was refused, alone")
    tried_at = fields.DatetimeField(db_default=Now(), description="when it was refused last")

    class Meta:
        table = "dead_letters"
        unique_together = (("generation", "document"),)


class Writer(Model):
    """Who writes a vertical's indexes, and the number of what readers may have cached."""

    vertical = fields.CharField(max_length=64, primary_key=True)
    epoch = fields.BigIntField(db_default=0)
    owner = fields.TextField(null=True)
    heartbeat_at = fields.DatetimeField(null=True)
    version = fields.BigIntField(db_default=0, description="grows when the live index changed")

    class Meta:
        table = "writers"
