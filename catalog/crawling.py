"""Where listings come from: the sources, the runs that read them, the jobs that do the work."""

from tortoise import fields
from tortoise.fields import Now
from tortoise.models import Model


class Source(Model):
    """A site or feed, as `sources.yml` says it, and when it is due."""

    name = fields.CharField(max_length=64, primary_key=True)
    vertical = fields.TextField()
    start_url = fields.TextField()
    parser = fields.TextField()
    every = fields.IntField(description="seconds between two crawls")
    rate = fields.FloatField(null=True, description="requests a second; null is without a limit")
    precedence = fields.IntField(db_default=100, description="lower wins between equal offers")
    enabled = fields.BooleanField(db_default=True)
    next_run_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "sources"


class Run(Model):
    """One crawl of one source, or one import of a file, with its numbers."""

    id = fields.BigIntField(primary_key=True)
    source = fields.TextField()
    job_id = fields.BigIntField(null=True)
    state = fields.TextField(db_default="running", description="running|done|failed|suspicious")
    started_at = fields.DatetimeField(db_default=Now())
    finished_at = fields.DatetimeField(null=True)
    pages = fields.IntField(db_default=0)
    items = fields.IntField(db_default=0)
    new = fields.IntField(db_default=0)
    changed = fields.IntField(db_default=0)
    unchanged = fields.IntField(db_default=0)
    failed = fields.IntField(db_default=0)
    gone = fields.IntField(db_default=0)
    bytes = fields.BigIntField(db_default=0)
    seconds = fields.FloatField(db_default=0)
    problems: dict[str, int] = fields.JSONField(db_default={})
    error = fields.TextField(null=True)

    class Meta:
        table = "runs"
        indexes = (("source", "id"),)


class Job(Model):
    """A piece of work as a row with a lease; whoever holds the lease does it."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.TextField()
    key = fields.TextField(description="at most one job of a kind and key waits or runs")
    args: dict[str, object] = fields.JSONField(db_default={})
    state = fields.TextField(db_default="queued", description="queued|running|done|failed")
    run_at = fields.DatetimeField(db_default=Now())
    attempts = fields.IntField(db_default=0)
    max_attempts = fields.IntField(db_default=5)
    lease_owner = fields.TextField(null=True)
    lease_until = fields.DatetimeField(null=True)
    progress: dict[str, object] | None = fields.JSONField(null=True)
    result: dict[str, object] | None = fields.JSONField(null=True)
    error = fields.TextField(null=True)
    created_at = fields.DatetimeField(db_default=Now())
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "jobs"
