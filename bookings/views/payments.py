"""Mark as paid and mark as refunded: one address each. Nothing here decides anything; the verbs of bookings.lifecycle do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings import lifecycle, localtime, paying
from bookings.forms.payments import PaymentForm
from bookings.models import Booking
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status
from bookings.views.acting import actor_of, dialog, done_at, editable, is_offered, not_offered, refused
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what will follow, then record that the money is here."""
    return _record(request, pk, action=Action.PAY, verb=lifecycle.pay)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what will follow, then record that the money was given back."""
    return _record(request, pk, action=Action.REFUND, verb=lifecycle.refund)


def _record(request: HttpRequest, pk: int, *, action: Action, verb: Callable[..., Booking]) -> HttpResponse:
    booking = editable(request, pk)
    if request.method != "POST":
        if not is_offered(action, booking):
            return refused(request, booking, not_offered(action, booking))
        return _dialog(request, booking, action, PaymentForm(initial={"version": booking.version}))
    form = PaymentForm(request.POST)
    if not form.is_valid():
        return _dialog(request, booking, action, form, status=422)
    facts = form.cleaned_data
    try:
        present = verb(pk, actor=actor_of(request), version=facts["version"], note=facts["note"])
    except Refused as why:
        return refused(request, booking, why)
    return done_at(request, present.pk, _told(present, action) % {"name": booking.booker_name})


def _told(booking: Booking, action: Action) -> str:
    if action is Action.REFUND:
        return gettext("The refund of %(name)s is recorded.")
    if booking.state is Status.CANCELLED:
        return gettext("The payment of %(name)s is recorded. A refund is due.")
    if booking.state is Status.PENDING:
        return gettext("The payment of %(name)s is recorded. The request waits for a decision.")
    return gettext("The payment of %(name)s is recorded. Invitations go out next.")


def _dialog(
    request: HttpRequest, booking: Booking, action: Action, form: PaymentForm, *, status: int = 200
) -> HttpResponse:
    payment = booking.payment
    amount = localtime.money(payment.amount_cents, payment.currency) if payment else ""
    words = {"name": booking.booker_name, "amount": amount}
    if action is Action.PAY:
        title, deed = gettext("%(name)s paid %(amount)s?") % words, gettext("Mark as paid")
    else:
        title, deed = gettext("%(amount)s given back to %(name)s?") % words, gettext("Mark as refunded")
    return dialog(
        request,
        "bookings/_payment_dialog.html",
        booking,
        action,
        form=form,
        status=status,
        title=title,
        safe=gettext("Not yet"),
        deed=deed,
        follows=paying.follows(booking, action, user=request.user, now=timezone.now()),
    )


urlpatterns = [
    path("bookings/<int:pk>/pay/", pay, name="pay"),
    path("bookings/<int:pk>/refund/", refund, name="refund"),
]
