"""Since when an account fails, and which calendars were found at the server after it was connected."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calendars", "0002_calendar_servers")]

    operations = [
        migrations.AddField(
            model_name="calendaraccount",
            name="failing_since",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="failing since"),
        ),
        migrations.AddField(
            model_name="calendar",
            name="is_new",
            field=models.BooleanField(default=False, editable=False, verbose_name="not chosen yet"),
        ),
    ]
