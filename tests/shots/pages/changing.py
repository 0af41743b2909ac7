"""How a booker moves a booking, or asks for an exception."""

from datetime import timedelta

from django.utils import timezone

from tests.shots.shot import Shot
from tests.shots.steps.booker import (
    hold_first,
    lose_move,
    move_stale,
    open_hosts,
    see_hold_end,
    send_empty_details,
    type_long_reason,
)
from tests.shots.steps.pressing import press

CHANGING = [
    Shot("manage-wished", "manage", args=lambda stage: [stage.manage_token(stage.wished)]),
    Shot("manage-moved-twice", "manage", args=lambda stage: [stage.manage_token(stage.moved)]),
    Shot("manage-exception", "manage", args=lambda stage: [stage.manage_token(stage.exception_open)]),
    Shot(
        "manage-exception-granted", "manage", args=lambda stage: [stage.manage_token(stage.exception_granted)]
    ),
    Shot(
        "manage-exception-refused", "manage", args=lambda stage: [stage.manage_token(stage.exception_refused)]
    ),
    Shot("manage-new-time", "manage", args=lambda stage: [stage.manage_token(stage.to_move)]),
    Shot("move-new-time", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.to_move)]),
    Shot("move", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.stands)]),
    Shot(
        "move-no-script",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        has_script=False,
    ),
    Shot("move-wished", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.wished)]),
    Shot(
        "move-hosts",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.either_booking)],
        steps=open_hosts,
    ),
    Shot(
        "move-no-times",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        query=f"?month={timezone.now() + timedelta(days=400):%Y-%m}",
    ),
    Shot("move-never", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.no_cancel)]),
    Shot("move-too-late", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.too_late)]),
    Shot("move-over", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.called_off)]),
    Shot(
        "move-held",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=hold_first,
        reaches="manage_move",
    ),
    Shot(
        "move-held-asking",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.wished)],
        steps=hold_first,
        reaches="manage_move",
    ),
    Shot(
        "move-held-request",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.asked)],
        steps=hold_first,
        reaches="manage_move",
    ),
    Shot(
        "move-wrong",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.wished)],
        steps=send_empty_details,
        reaches="manage_move",
    ),
    Shot(
        "move-hold-ended",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=see_hold_end,
        has_script=False,
        reaches="manage_move",
    ),
    Shot(
        "move-lost-race",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=lose_move,
        reaches="manage_move",
    ),
    Shot(
        "move-stale",
        "manage",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=move_stale,
    ),
    Shot("withdraw", "manage_withdraw", args=lambda stage: [stage.manage_token(stage.wished)]),
    Shot(
        "exception",
        "manage_exception",
        args=lambda stage: [stage.manage_token(stage.no_cancel)],
        query="?wish=cancel",
    ),
    Shot(
        "exception-move",
        "manage_exception",
        args=lambda stage: [stage.manage_token(stage.too_late)],
        query="?wish=reschedule",
        steps=type_long_reason,
    ),
    Shot(
        "exception-wrong",
        "manage_exception",
        args=lambda stage: [stage.manage_token(stage.no_cancel)],
        query="?wish=reschedule",
        steps=press("main form button.primary"),
    ),
]
