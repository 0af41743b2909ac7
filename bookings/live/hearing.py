"""Who may hear of which change, judged in memory: the rules of `BookingChangeQuerySet.visible_to`, for many people at once."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F

from bookings.models import BookingChange, Membership, User


@dataclass(frozen=True)
class Reader:
    """Somebody with the teams they see as a whole, all their teams, and their host's number if they host."""

    user: User
    whole: frozenset[int]
    teams: frozenset[int]
    host: int | None

    def may_hear(self, change: BookingChange) -> bool:
        """Whether they could see the booking before the change, or can after it."""
        if self.user.is_administrator or not self.whole.isdisjoint(
            (change.team_before_id, change.team_after_id)
        ):
            return True
        return change.team_after_id in self.teams and self.host in (*change.hosts_before, *change.hosts_after)

    def may_open(self, change: BookingChange) -> bool:
        """Whether they can see the booking after the change."""
        if self.user.is_administrator or change.team_after_id in self.whole:
            return True
        return change.team_after_id in self.teams and self.host in change.hosts_after


def readers_of(user_ids: Collection[int]) -> dict[int, Reader]:
    """Those of the people who may still sign in, by number. Two queries, whatever their number."""
    whole, teams = defaultdict(set), defaultdict(set)
    for place in Membership.objects.filter(user__in=user_ids).select_related("team"):
        teams[place.user_id].add(place.team_id)
        if place.role == Membership.Role.MANAGER or place.team.hosts_see_colleagues:
            whole[place.user_id].add(place.team_id)
    users = User.objects.filter(pk__in=user_ids, is_active=True).annotate(host_number=F("host__pk"))
    return {
        user.pk: Reader(user, frozenset(whole[user.pk]), frozenset(teams[user.pk]), user.host_number)
        for user in users
    }
