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
    recipe = fields.TextField(null=True, description="how its pages are read, where no parser is")
    every = fields.IntField(null=True, description="seconds between two crawls")
    schedule = fields.TextField(null=True, description="when to crawl, as cron says it, in UTC")
    rate = fields.FloatField(null=True, description="requests a second; null is without a limit")
    precedence = fields.IntField(db_default=100, description="lower wins between equal offers")
    enabled = fields.BooleanField(db_default=True)
    private = fields.BooleanField(
        db_default=False, description="may be at an address inside our network"
    )
    next_run_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "sources"


class Breaker(Model):
    """What keeps a source from being asked that is away or does not want us (a circuit breaker).

    Open until `until`, half-open after that: the next crawl closes it or opens it for longer.
    """

    source = fields.CharField(max_length=64, primary_key=True)
    failures = fields.IntField(db_default=0, description="crawls in a row that the site failed")
    opened = fields.IntField(db_default=0, description="times in a row; 0 is closed")
    until = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)

    class Meta:
        table = "breakers"


class Run(Model):
    """One crawl of one source, or one import of a file, with its numbers."""

    id = fields.BigIntField(primary_key=True)
    source = fields.TextField()
    job_id = fields.BigIntField(null=True)
    state = fields.TextField(
        db_default="running",
        description="running|done|failed|blocked|suspicious|overruled|canceled",
    )
    started_at = fields.DatetimeField(db_default=Now())
    finished_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True, description="when a suspicion was settled")
    settled_by = fields.BigIntField(null=True, description="by which run; null is by a person")
    pages = fields.IntField(db_default=0)
    unmodified = fields.IntField(db_default=0, description="pages that were as they were before")
    items = fields.IntField(db_default=0)
    read = fields.IntField(db_default=0, description="items whose own page was read")
    new = fields.IntField(db_default=0)
    changed = fields.IntField(db_default=0)
    unchanged = fields.IntField(db_default=0)
    failed = fields.IntField(db_default=0)
    gone = fields.IntField(db_default=0)
    bytes = fields.BigIntField(db_default=0)
    seconds = fields.FloatField(db_default=0)
    problems: dict[str, int] = fields.JSONField(db_default={})
    filled: dict[str, int] = fields.JSONField(
        db_default={}, description="how many of the items that were read have each field"
    )
    drift: list[dict[str, object]] = fields.JSONField(
        db_default=[], description="fields that far fewer items have than in the runs before"
    )
    error = fields.TextField(null=True)

    class Meta:
        table = "runs"
        indexes = (("source", "id"),)


class Page(Model):
    """A page as a run fetched it, compressed, and what was read from it."""

    id = fields.BigIntField(primary_key=True)
    source = fields.TextField()
    run_id = fields.BigIntField()
    url = fields.TextField()
    external_id = fields.TextField(null=True, description="of the offer; null is a list's page")
    card: dict[str, object] | None = fields.JSONField(
        null=True, description="what the list said of the offer"
    )
    fetched_at = fields.DatetimeField(db_default=Now())
    status = fields.SmallIntField()
    etag = fields.TextField(null=True)
    last_modified = fields.TextField(null=True)
    hash = fields.BinaryField(description="of the body before compression")
    body = fields.BinaryField(description="zlib")
    size = fields.IntField(description="bytes that are stored")
    reader = fields.TextField(description="the parser that read it, in the version it had")
    said: dict[str, object] = fields.JSONField(description="what that parser read")

    class Meta:
        table = "pages"
        indexes = (("run_id", "id"), ("source", "id"))


class Job(Model):
    """A piece of work as a row with a lease; whoever holds the lease does it."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.TextField()
    key = fields.TextField(description="at most one job of a kind and key waits or runs")
    args: dict[str, object] = fields.JSONField(db_default={})
    state = fields.TextField(db_default="queued", description="queued|running|done|failed")
    priority = fields.IntField(db_default=0, description="higher goes first")
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


class JobRequest(Model):
    """A request that must not be done twice, by the key that its sender chose."""

    key = fields.CharField(max_length=200, primary_key=True)
    job: fields.ForeignKeyRelation[Job] = fields.ForeignKeyField(
        "models.Job", related_name="requests", on_delete=fields.CASCADE
    )
    args: dict[str, object] = fields.JSONField(
        db_default={}, description="of the request; the job may have been asked for with more"
    )

    class Meta:
        table = "job_requests"
