"""When a calendar was last filled from what stood there, and which of its events are not certain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calendars", "0004_feeds_of_bookings")]

    operations = [
        migrations.AddField(
            model_name="calendar",
            name="filled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="calendarevent",
            name="is_tentative",
            field=models.BooleanField(default=False, verbose_name="tentative"),
        ),
    ]
