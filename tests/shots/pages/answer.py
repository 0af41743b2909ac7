"""The page on which a host answers from a mail."""

from tests.shots.shot import Shot
from tests.shots.steps.hosting import answer_over_another, answer_too_late
from tests.shots.steps.pressing import press

ANSWER = [
    Shot("answer", "answer", args=lambda stage: [stage.answer_token(stage.one_pending)]),
    Shot("answer-wish", "answer", args=lambda stage: [stage.answer_token(stage.wish)]),
    Shot("answer-long", "answer", args=lambda stage: [stage.answer_token(stage.long_pending)]),
    Shot(
        "answer-reason",
        "answer",
        args=lambda stage: [stage.answer_token(stage.asked)],
        steps=press("details.more summary"),
    ),
    Shot(
        "answer-clash",
        "answer",
        args=lambda stage: [stage.answer_token(stage.wish)],
        steps=answer_over_another,
    ),
    Shot(
        "answer-stale", "answer", args=lambda stage: [stage.answer_token(stage.wish)], steps=answer_too_late
    ),
    Shot("answer-confirmed", "answer", args=lambda stage: [stage.answer_token(stage.wished)]),
    Shot("answer-declined", "answer", args=lambda stage: [stage.answer_token(stage.turned_down)]),
    Shot("answer-bad-link", "answer", args=lambda _stage: ["1-bad"], status=404),
]
