"""The pages of errors."""

from tests.shots.shot import Shot

TROUBLE = [
    Shot("error-400", "shots_bad_request", status=400),
    Shot("error-403", "shots_forbidden", status=403),
    Shot("error-403-form", "shots_old_form", status=403),
    Shot("error-404", "team_page", args=lambda _stage: ["no-such-team"], status=404),
    Shot("error-409", "shots_conflict", status=409),
    Shot("error-500", "shots_broken", status=500),
    Shot("error-503", "shots_down", status=503),
]
