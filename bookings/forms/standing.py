"""Telling that what a form shows was changed meanwhile, where what it is about has no version of its own.

A page carries the mark of what stood when it was made; what comes back with another mark was overtaken, and is shown
again instead of undoing what somebody did in between. Sent again, with the mark of now, it is meant.
"""

import json
from hashlib import sha256
from typing import Any

from django import forms
from django.http import QueryDict

FIELD = "standing"


def mark_of(*values: Any) -> str:
    """The mark of what stands, from anything that has words for itself."""
    return sha256(json.dumps(values, default=str).encode()).hexdigest()[:20]


def begins_with(form: forms.BaseForm) -> list[tuple[str, Any]]:
    """What a form shows before anybody has typed anything, sent or not."""
    return [(form.add_prefix(name), form.initial.get(name)) for name in form.fields]


def is_overtaken(data: QueryDict, standing: str) -> bool:
    """Whether a form was made when something else stood. One without a mark is taken as it comes."""
    return data.get(FIELD, standing) != standing
