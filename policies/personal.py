"""What the tables of terms hold about a client (see config/personal.py)."""

from django.utils.translation import gettext_lazy as _

from config.personal import Personal

PERSONAL = [
    Personal(
        "policies.Agreement",
        _("The terms that you agreed to, when and from where"),
        of=("appointment__client",),
        blank={"ip_address": None, "user_agent": ""},
    ),
    Personal(
        "policies.PolicyException",
        _("Consequences that were waived"),
        of=("appointment__client",),
        blank={"note": ""},
    ),
]

HARMLESS = {
    "policies.Policy": ("name", "note"),
    "policies.PolicyVersion": ("terms",),
    # The text is written by the program from the terms; whoever agreed to it is not in it.
    "policies.Agreement": ("text", "sha256", "language"),
    "policies.PolicyException": ("reason",),
}
