"""Names of codes, as the provider reads them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from policies.rules import patterns

CANCEL_REASONS: dict[str, str | Promise] = {
    "availability": _("I have to be somewhere else"),
    "illness": _("I am ill"),
    "emergency": _("An emergency"),
    "bereavement": _("A death in the family"),
    "transport": _("No way to travel"),
    "other": _("Something else"),
}
CLIENT_REASONS: dict[str, str | Promise] = {
    "convenience": _("hard to get there"),
    "availability": _("the time does not suit"),
    "expectations": _("not what was expected"),
    "cost": _("it costs too much"),
    "illness": _("illness"),
    "emergency": _("an emergency"),
    "bereavement": _("a death in the family"),
    "transport": _("no way to travel"),
    "our_mistake": _("our mistake"),
    "goodwill": _("goodwill"),
    "other": _("something else"),
}
EXCEPTION_REASONS: dict[str, str | Promise] = {
    "illness": _("Illness"),
    "emergency": _("Emergency"),
    "bereavement": _("A death in the family"),
    "transport": _("No way to travel"),
    "our_mistake": _("Our mistake"),
    "goodwill": _("Goodwill"),
    "other": _("Something else"),
}
WAYS: dict[str, str | Promise] = {
    "call": _("you called"),
    "text": _("you sent a text"),
    "mail": _("you wrote a mail"),
}
PATTERN_NAMES: dict[str, str | Promise] = {
    patterns.GONE_QUIET: _("Gone quiet"),
    patterns.CHRONIC: _("Often missed"),
    patterns.SLIPPING: _("Misses more lately"),
    patterns.RELIABLE: _("Reliable"),
    patterns.NEW: _("New"),
    patterns.MIXED: _("Mixed"),
}
PATTERN_TONES = {
    patterns.GONE_QUIET: "bad",
    patterns.CHRONIC: "bad",
    patterns.SLIPPING: "warn",
    patterns.RELIABLE: "good",
}
SUGGESTIONS: dict[str, str | Promise] = {
    "letting_go": _(
        "Two weeks without a word since a missed appointment. Perhaps it is time to let go, kindly."
    ),
    "prepay_or_approve": _("Consider asking the whole price ahead, or approving each booking first."),
    "ask_what_changed": _("Something changed. Ask what: the way there, the time, expectations or the cost."),
}


def said(names: dict[str, str | Promise], code: str) -> str:
    """The name of a code; a code that nobody named is shown as it is."""
    return str(names.get(code, code))
