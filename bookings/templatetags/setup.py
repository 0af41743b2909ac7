"""Tags of the set-up pages."""

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def host_control(bound: BoundField, whose: str) -> SafeString:
    """Draw a control in a table cell: no label of its own, but a name that says which column and whose row it is."""
    attributes = {"aria-label": f"{bound.label}, {whose}"}
    if bound.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{bound.auto_id}-error"}
    error = (
        format_html('<p class="error small" id="{}-error">{}</p>', bound.auto_id, " ".join(bound.errors))
        if bound.errors
        else ""
    )
    return format_html("{}{}", bound.as_widget(attrs=attributes), error)
