"""What only the text form of mails needs."""

from django import template

register = template.Library()


@register.filter
def quoted(text: str) -> str:
    """Set text that somebody wrote apart from ours: each line indented, so that none can pass for a line of the mail."""
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())
