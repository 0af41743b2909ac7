"""What a host does with bookings that stand: undo, several at once, attendance, hosts, money, details, time."""

from datetime import timedelta

from bookings.availability import epoch_minute
from tests.shots.cast import ADA, BEN, LOU, WANDA, YARA
from tests.shots.shot import Shot
from tests.shots.steps.hosting import (
    edit_address,
    edit_and_arrive,
    move_and_arrive,
    move_nowhere,
    move_over_another,
    move_request,
    move_with_time,
    reassign_over,
)
from tests.shots.steps.hub import (
    choose_rows,
    confirm_several_in_vain,
    decline_and_see_undo,
    decline_several_and_see_undo,
    several,
)
from tests.shots.steps.pressing import empties, opens

ACTIONS = [
    Shot("hub-undo", "hub", WANDA, steps=decline_and_see_undo),
    Shot("hub-chosen", "hub", ADA, steps=choose_rows),
    Shot("hub-chosen-past", "hub", ADA, query="?tab=past", steps=choose_rows),
    Shot("bulk-decline", "hub", WANDA, steps=several("decline"), reaches="bulk"),
    Shot("bulk-undo", "hub", WANDA, steps=decline_several_and_see_undo),
    Shot("bulk-new-time", "hub", WANDA, steps=several("ask_new_time")),
    Shot("bulk-summary", "hub", WANDA, steps=confirm_several_in_vain),
    Shot("no-show-booker", "hub", ADA, query="?tab=past", steps=opens("a[id^=booker_no_show]")),
    Shot(
        "no-show-booker-page",
        "booker_no_show",
        ADA,
        args=lambda stage: [stage.a_to_record.pk],
        has_script=False,
    ),
    Shot(
        "no-show-hosts",
        "host_no_show",
        ADA,
        args=lambda stage: [stage.a_to_record_together.pk],
        has_script=False,
    ),
    Shot("correct-completed", "correct", ADA, args=lambda stage: [stage.a_completed.pk], has_script=False),
    Shot(
        "correct-no-show", "booking", ADA, args=lambda stage: [stage.a_no_show.pk], steps=opens("#do-correct")
    ),
    Shot("exception-grant", "hub", ADA, steps=opens("a[id^=grant]"), reaches="grant_exception"),
    Shot(
        "exception-refuse",
        "refuse_exception",
        ADA,
        args=lambda stage: [stage.an_exception.pk],
        has_script=False,
    ),
    Shot("booking-asked", "booking", ADA, args=lambda stage: [stage.an_exception.booking_id]),
    Shot(
        "ask-new-time",
        "booking",
        WANDA,
        args=lambda stage: [stage.stands.pk],
        steps=opens("#do-ask_new_time"),
    ),
    Shot(
        "ask-new-time-page", "ask_new_time", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False
    ),
    Shot("hub-calendar-broken", "hub", YARA, query="?tab=upcoming"),
    Shot("booking-calendar-broken", "booking", YARA, args=lambda stage: [stage.unchecked.pk]),
    Shot("booking-replied", "booking", WANDA, args=lambda stage: [stage.replied.pk]),
    Shot("booking-astray", "booking", YARA, args=lambda stage: [stage.astray.pk]),
    Shot("hub-new-time", "hub", WANDA, query="?tab=upcoming"),
    Shot("booking-new-time", "booking", WANDA, args=lambda stage: [stage.to_move.pk]),
    Shot("keep-time", "keep_time", WANDA, args=lambda stage: [stage.to_move.pk], has_script=False),
    Shot(
        "reassign", "booking", ADA, args=lambda stage: [stage.a_round_robin.pk], steps=opens("#do-reassign")
    ),
    Shot(
        "reassign-host",
        "booking",
        BEN,
        args=lambda stage: [stage.overlapping.pk],
        steps=opens("#do-reassign"),
    ),
    Shot("reassign-clash", "booking", ADA, args=lambda stage: [stage.overlapping.pk], steps=reassign_over),
    Shot(
        "reassign-collective",
        "reassign",
        ADA,
        args=lambda stage: [stage.a_collective.pk],
        has_script=False,
    ),
    Shot("reassign-page-long", "reassign", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False),
    Shot("pay", "booking", WANDA, args=lambda stage: [stage.unpaid.pk], steps=opens("#do-pay")),
    Shot("pay-page", "pay", WANDA, args=lambda stage: [stage.unpaid.pk], has_script=False),
    Shot("pay-late", "booking", WANDA, args=lambda stage: [stage.ran_out.pk], steps=opens("#do-pay")),
    Shot("refund", "booking", WANDA, args=lambda stage: [stage.owed.pk], steps=opens("#do-refund")),
    Shot("refund-page", "refund", WANDA, args=lambda stage: [stage.owed.pk], has_script=False),
    Shot("edit", "hub", WANDA, steps=edit_address),
    Shot("edit-done", "hub", WANDA, steps=edit_and_arrive),
    Shot(
        "edit-over",
        "booking",
        ADA,
        args=lambda stage: [stage.a_completed.pk],
        steps=opens("#do-edit"),
    ),
    Shot("edit-page-long", "edit", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False),
    Shot(
        "edit-wrong",
        "edit",
        LOU,
        args=lambda stage: [stage.long_pending.pk],
        steps=empties("main form", "name"),
    ),
    Shot("hub-move", "hub", WANDA, steps=move_with_time),
    Shot(
        "move-round-robin", "reschedule", ADA, args=lambda stage: [stage.a_round_robin.pk], has_script=False
    ),
    Shot("move-request", "hub", WANDA, steps=move_request),
    Shot("move-nowhere", "hub", WANDA, steps=move_nowhere),
    Shot("move-clash", "hub", WANDA, steps=move_over_another),
    Shot("move-done", "hub", WANDA, steps=move_and_arrive),
    Shot("move-page", "reschedule", WANDA, args=lambda stage: [stage.stands.pk], has_script=False),
    Shot(
        "move-page-beyond",
        "reschedule",
        WANDA,
        args=lambda stage: [stage.stands.pk],
        query=lambda stage: f"?start={epoch_minute(stage.stands.starts_at + timedelta(hours=7))}",
        has_script=False,
    ),
    Shot("move-page-long", "reschedule", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False),
    Shot(
        "move-page-refused",
        "reschedule",
        WANDA,
        args=lambda stage: [stage.called_off.pk],
        has_script=False,
        status=409,
    ),
]
