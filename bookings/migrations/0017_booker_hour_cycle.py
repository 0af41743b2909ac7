from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0016_busy_long"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="booker_hour_cycle",
            field=models.CharField(
                choices=[("language", "As usual in the language"), ("24", "24 hours"), ("12", "12 hours")],
                default="language",
                max_length=8,
                verbose_name="booker's clock",
            ),
        ),
    ]
