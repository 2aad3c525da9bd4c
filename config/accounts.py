"""How people log in, and what the mails about that say."""

from __future__ import annotations

import ipaddress
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import network, sealing

log = logging.getLogger(__name__)
FORGOTTEN_AFTER = timedelta(days=7)
SEALED = "gAAAA"  # how everything begins that Fernet made


def sign_up_is_open() -> bool:
    """Whether a stranger may make an account: where the setting says so, or as long as nobody has one, so that
    who installs Kept can let themselves in."""
    return settings.SIGN_UP == "open" or not get_user_model().objects.exists()


class Adapter(DefaultAccountAdapter):
    """Log-ins by e-mail address. Links in mails begin with BASE_URL, never with what a request says (F-118)."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("This address and this password do not belong together."),
        "incorrect_password": gettext_lazy("This is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return sign_up_is_open()

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.language = translation.get_language() or user.language
        return super().save_user(request, user, form, commit)

    def pre_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse | None:
        """Who was made by an owner or at the command line needs no proof of the address: only a stranger's
        form leaves one that is not verified."""
        if not facts.get("signup"):
            vouched_for(user)
        return super().pre_login(request, user, **facts)

    def get_client_ip(self, request: HttpRequest) -> Any:
        """What log-in limits are counted by: an exempt address counts as another one each time."""
        address = network.client_address(request)
        if network.is_exempt(address):
            return str(ipaddress.IPv6Address(secrets.token_bytes(16)))
        return address

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return at_home(path.replace("UID-KEY", key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return at_home(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away breaks no page: the mail can be asked for again."""
        facts = {"home": at_home(""), "sign_up": sign_up_is_open()} | context
        if "ip" in facts:
            facts["ip"] = network.client_address(self.request)
        try:
            super().send_mail(template_prefix, email, facts)
        except OSError as away:
            log.error("a mail about an account was not sent: %s", away)

    def render_mail(self, template_prefix: str, *args: Any, **options: Any) -> EmailMessage:
        found: EmailMessage = super().render_mail(template_prefix, *args, **options)
        found.extra_headers["X-Kept-Kind"] = "account_" + template_prefix.rpartition("/")[2]
        return found


def at_home(path: str) -> str:
    return str(settings.BASE_URL).rstrip("/") + path


def vouched_for(user: Any) -> None:
    """The address of a log-in that somebody else made counts as proved, where nothing is known of it yet."""
    if not EmailAddress.objects.filter(user=user).exists():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)


def unproved() -> Any:
    """Log-ins that a stranger's form made and whose address nobody has confirmed."""
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    made_by_form = get_user_model().objects.filter(Exists(addresses), last_login=None, is_superuser=False)
    return made_by_form.exclude(Exists(addresses.filter(verified=True)))


def forget_unproved(*, at: datetime) -> int:
    """Sweep: a log-in that was never confirmed is gone after a week, and its address is free again."""
    found = unproved().filter(date_joined__lt=at - FORGOTTEN_AFTER, memberships=None)
    many = found.count()
    if many:
        found.delete()
    return int(many)


def hand_over(user: Any) -> None:
    """Somebody vouches for an address whose log-in a stranger may have made: the stranger's password ends."""
    if unproved().filter(pk=user.pk).exists():
        user.set_unusable_password()
        user.save(update_fields=["password"])


def is_known(email: str) -> bool:
    return bool(filter_users_by_email(email))


@transaction.atomic
def make(*, email: str, password: str, name: str, language: str) -> Any:
    """A log-in whose address was proved already, by a link that went there."""
    user = get_user_model().objects.create_user(email, password, name=name, language=language)
    vouched_for(user)
    return user


def note_address(instance: Any, **_facts: Any) -> None:
    """The list of log-ins shows where each came from, also where limits do not count it."""
    request = allauth_context.request
    if request is not None:
        instance.ip = network.client_address(request)


def note_new_factor(request: HttpRequest, user: Any, authenticator: Any, **_facts: Any) -> None:
    """Setting one up asks for it: it was shown in this log-in. Recovery codes come by themselves and count for nothing."""
    if authenticator.type != authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


class SecondFactors(DefaultMFAAdapter):
    """Secrets of authenticator apps are sealed with a key made from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, purpose="kept.second_factor")

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return sealing.opened(encrypted_text, purpose="kept.second_factor")
        except InvalidToken:
            # Kept before secrets were sealed; or with another SECRET_KEY, and then no code fits any more.
            return generate_totp_secret() if encrypted_text.startswith(SEALED) else encrypted_text

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002, allauth's name for it
        return _("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Kept"}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        known: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return known | {"display_name": str(user)}


class PasskeyForm(AddWebAuthnForm):
    """A passkey that logs in by itself, unless somebody wants a key for the second step alone."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = gettext_lazy("What do you call it?")
        self.fields["name"].help_text = gettext_lazy("So that you know it again: my phone, the blue key.")
        self.fields["name"].max_length = 100
        self.fields["passwordless"].label = gettext_lazy("Log in with it alone, without the password")
        self.fields["passwordless"].help_text = gettext_lazy(
            "It asks for your finger, face or PIN. Without the tick it is a second step after the password."
        )
        self.fields["passwordless"].initial = True
