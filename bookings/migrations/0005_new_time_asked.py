from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0004_embedding"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="new_time_asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
