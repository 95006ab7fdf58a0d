"""What the scrapers learned: spellings that no vocabulary has, what a service said of VINs."""

from tortoise import fields
from tortoise.fields import Now
from tortoise.models import Model


class UnknownSpelling(Model):
    """A spelling of a field that was not understood: what its vocabulary may grow by."""

    id = fields.BigIntField(primary_key=True)
    source = fields.TextField()
    field = fields.TextField(description="of an offer: color, make, drivetrain, …")
    spelling = fields.TextField()
    seen = fields.BigIntField(db_default=0, description="how often it was read")
    last_seen_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "unknown_spellings"
        unique_together = (("source", "field", "spelling"),)


class VinAnswer(Model):
    """What NHTSA's service said of a VIN, by its own keys; empty where it said nothing."""

    vin = fields.CharField(max_length=17, primary_key=True)
    answer: dict[str, str] = fields.JSONField()
    asked_at = fields.DatetimeField(db_default=Now(), db_index=True)

    class Meta:
        table = "vin_answers"
