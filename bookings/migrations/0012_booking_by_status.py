"""What is over and has no record yet is found without a walk through all that ever was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0011_booking_by_time"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["status", "starts_at"], name="booking_by_status"),
        ),
    ]
