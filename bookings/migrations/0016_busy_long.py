"""Find long busy time apart, so that a search need not look at what is yet to come."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from bookings.models.guard import OverlapGuard


class Migration(migrations.Migration):
    dependencies: ClassVar = [("bookings", "0015_replies")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex(
            model_name="busytime",
            index=models.Index(
                condition=models.Q(ends__gt=models.F("starts") + 1440),
                fields=["host", "ends", "starts", "expires", "owner"],
                name="busy_long",
            ),
        ),
        OverlapGuard(),
    ]
