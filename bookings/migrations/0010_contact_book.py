"""Contacts that are searched without accents, merged and edited: their text, their history, what they were called by before."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import bookings.models.fields
from bookings.rules.words import search_text


def write_search_text(apps: Any, schema_editor: Any) -> None:
    """Let every contact be found that was there before."""
    contacts = apps.get_model("bookings", "Contact").objects
    rows = []
    for row in contacts.only("name", "email", "phone").iterator(1000):
        row.search_text = search_text(name=row.name, email=row.email, phone=row.phone)
        rows.append(row)
    contacts.bulk_update(rows, ["search_text"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0009_payments"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(max_length=254, verbose_name="address or number")),
            ],
            options={
                "verbose_name": "former address of a contact",
                "verbose_name_plural": "former addresses of contacts",
                "ordering": ("value",),
            },
        ),
        migrations.CreateModel(
            name="ContactChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor_name", models.CharField(max_length=120)),
                ("action", models.CharField(choices=[("edit", "Edited"), ("merge", "Merged")], max_length=8)),
                ("changed", models.JSONField(blank=True, default=dict)),
                ("absorbed_pk", models.BigIntegerField(blank=True, null=True, unique=True)),
                ("absorbed", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "verbose_name": "change of a contact",
                "verbose_name_plural": "changes of contacts",
                "ordering": ("pk",),
            },
        ),
        migrations.RemoveIndex(
            model_name="contact",
            name="contact_name",
        ),
        migrations.AddField(
            model_name="contact",
            name="search_text",
            field=models.CharField(default="", editable=False, max_length=700),
        ),
        migrations.AddField(
            model_name="contact",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="conversation",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="last_message_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="when"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="link",
            field=models.URLField(
                blank=True,
                max_length=500,
                validators=[bookings.models.fields.validate_https, bookings.models.fields.validate_line],
                verbose_name="link",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["team", "search_text", "id"], name="contact_list"),
        ),
        migrations.AddField(
            model_name="contactalias",
            name="contact",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="bookings.contact"
            ),
        ),
        migrations.AddField(
            model_name="contactalias",
            name="team",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="bookings.team"
            ),
        ),
        migrations.AddField(
            model_name="contactchange",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contactchange",
            name="contact",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="bookings.contact"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactalias",
            constraint=models.UniqueConstraint(fields=("team", "value"), name="contact_alias_once"),
        ),
        migrations.RunPython(write_search_text, migrations.RunPython.noop),
    ]
