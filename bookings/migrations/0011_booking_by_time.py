"""The index of calendars tells all that counting takes, so that a month is counted without its rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0010_contact_book"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="booking",
            name="booking_by_time",
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                fields=["starts_at", "id", "ends_at", "status", "team"], name="booking_by_time"
            ),
        ),
    ]
