"""What a calendar says of an entry beside its words; hundreds of them stand on a page, so each is made in one go."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bookings.templatetags.hub import icon
from calendars.entries import Entry

register = template.Library()


@register.simple_tag
def marks(entry: Entry) -> SafeString:
    """The icons of an entry: its status, whether it is half of a wish to move, whether it overbooks."""
    wish = SafeString("")
    if entry.is_wish:
        wish = icon("arrow")
    elif entry.is_asked:
        wish = format_html('<span class="asks" data-status="pending">{}</span>', icon("pending"))
    over = format_html('<span class="over">{}</span>', icon("alert")) if entry.is_over else SafeString("")
    return icon(entry.booking.status) + wish + over


@register.simple_tag
def moving(entry: Entry) -> SafeString:
    """What a pointer that drags an entry has to know: its first epoch minute and its minutes; nothing where it stays."""
    if not entry.can_move:
        return SafeString("")
    return format_html(
        ' data-move data-at="{}" data-minutes="{}"', entry.event.starts, entry.booking.duration_minutes
    )
