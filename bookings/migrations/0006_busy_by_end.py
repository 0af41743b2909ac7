"""Find busy time by its end, so that what is over costs a search nothing."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from bookings.models.guard import OverlapGuard


class Migration(migrations.Migration):
    dependencies: ClassVar = [("bookings", "0005_new_time_asked")]

    operations: ClassVar[list[Operation]] = [
        migrations.RemoveIndex(model_name="busytime", name="busy_cover"),
        migrations.AddIndex(
            model_name="busytime",
            index=models.Index(fields=["host", "ends", "starts", "expires", "owner"], name="busy_cover"),
        ),
        OverlapGuard(),
    ]
