from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0006_busy_by_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="host",
            name="calendar_broken_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="host",
            name="calendar_cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("refused", "The calendar server no longer accepts the sign-in."),
                    ("silent", "The calendar server has not answered for a long time."),
                    ("gone", "The calendar is no longer there, or no longer shared with you."),
                    ("unreadable", "What the calendar server sends can't be read."),
                ],
                editable=False,
                max_length=10,
            ),
        ),
    ]
