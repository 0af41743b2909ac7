"""`manage.py seed_demo`: two teams that could be real, so that the hub can be looked at before it is used."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookings.demo import cast, load


class Command(BaseCommand):
    help = "Load the demonstration: people, booking types and bookings around today. Run again, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="load it beside teams that are there already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if load.has_other_teams() and not options["force"]:
            raise CommandError(
                "This hub holds teams of its own. The demonstration was not loaded; --force loads it beside them."
            )
        load.load(timezone.now())
        width = max(len(person.email) for person in cast.PEOPLE)
        self.stdout.write("Sign in with one of these, password demo-demo-demo for all:")
        for person in cast.PEOPLE:
            role = ", ".join(f"{role} of {cast.TEAMS[slug]['name']}" for slug, role in person.teams.items())
            self.stdout.write(f"  {person.email:<{width}}  {person.name}, {role or 'administrator'}")
