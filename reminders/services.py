"""The messaging services that a channel may use, and what their addresses must look like.

An Apprise address can also name a file, a command bus or any web server; here only services stand
whose own server is fixed, so that nobody who may set up a channel can send our machines elsewhere
(F-111). What an address says beside the account is refused for the same reason: options that follow
redirects, skip the certificate or read a template from our disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import apprise
from django.utils.translation import gettext as _

from config.refusal import Refusal

LONGEST = 500
OPTIONS = {"from", "region", "thread", "topic", "silent"}
ASSET = apprise.AppriseAsset(
    app_id="Kept", app_desc="Kept", http_redirects=False, secure_logging=True, async_mode=False
)
SOMEBODY = "+393331234567"  # a number to try an address with; nothing is sent


class NotAnAddress(Refusal):
    """What was typed is not the address of a service that we know; the words say why."""

    code = "not_an_address"
    status = 400


@dataclass(frozen=True)
class Service:
    """``by_phone``: one account reaches any number, so the reader's is added to the address; otherwise the
    address itself says who reads, which can only be the provider. ``host`` is where our machine goes."""

    name: str
    kind: str
    host: str
    example: str
    by_phone: bool = True


SERVICES: dict[str, Service] = {
    "twilio": Service("Twilio", "sms", "api.twilio.com", "twilio://AccountSID:AuthToken@+15005550006"),
    "vonage": Service("Vonage", "sms", "rest.nexmo.com", "vonage://ApiKey:ApiSecret@+15005550006"),
    "msgbird": Service("MessageBird", "sms", "rest.messagebird.com", "msgbird://ApiKey/+15005550006"),
    "plivo": Service("Plivo", "sms", "api.plivo.com", "plivo://AuthID@AuthToken/+15005550006"),
    "sinch": Service("Sinch", "sms", "us.sms.api.sinch.com", "sinch://ServicePlanID:ApiToken@+15005550006"),
    "bulksms": Service("BulkSMS", "sms", "api.bulksms.com", "bulksms://user:password@"),
    "clicksend": Service("ClickSend", "sms", "rest.clicksend.com", "clicksend://user:ApiKey@"),
    "burstsms": Service(
        "Kudosity (Burst SMS)", "sms", "api.transmitsms.com", "burstsms://Key:Secret@15005550006"
    ),
    "seven": Service("seven", "sms", "gateway.seven.io", "seven://ApiKey"),
    "46elks": Service("46elks", "sms", "api.46elks.com", "46elks://user:password@+15005550006"),
    "whatsapp": Service("WhatsApp", "whatsapp", "graph.facebook.com", "whatsapp://AccessToken@PhoneNumberID"),
    "tgram": Service("Telegram", "telegram", "api.telegram.org", "tgram://BotToken/ChatID", by_phone=False),
    "line": Service("LINE", "other", "api.line.me", "line://ChannelToken/UserID", by_phone=False),
    "slack": Service("Slack", "other", "hooks.slack.com", "slack://TokenA/TokenB/TokenC/", by_phone=False),
    "discord": Service("Discord", "other", "discord.com", "discord://WebhookID/Token", by_phone=False),
    "pover": Service("Pushover", "other", "api.pushover.net", "pover://UserKey@AppToken", by_phone=False),
    "threema": Service(
        "Threema", "other", "msgapi.threema.ch", "threema://GatewayID@Secret/ThreemaID", by_phone=False
    ),
}


def service_of(address: str) -> str:
    """The key in `SERVICES` of an address that may be used. Raises `NotAnAddress`."""
    if not address.strip() or len(address) > LONGEST or not address.isprintable():
        raise NotAnAddress(_("Write the address of the service, as in the examples."))
    try:
        parts = urlsplit(address)
        options = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        raise NotAnAddress(_("This cannot be read. Write the address as in the examples.")) from None
    if parts.scheme not in SERVICES:
        raise NotAnAddress(
            _("Channels of this sort are not possible. Possible are: %(names)s.")
            % {"names": ", ".join(one.name for one in SERVICES.values())}
        )
    if extra := sorted(set(options) - OPTIONS) or parts.fragment:
        raise NotAnAddress(
            _("Leave out “%(option)s”.") % {"option": extra if isinstance(extra, str) else extra[0]}
        )
    _must_fit(parts.scheme, address)
    return parts.scheme


def _must_fit(key: str, address: str) -> None:
    service = SERVICES[key]
    made = plugin(address, to=SOMEBODY if service.by_phone else "")
    if made is None:
        raise NotAnAddress(
            _("%(service)s does not understand this. It looks like this: %(example)s")
            % {"service": service.name, "example": service.example}
        )
    targets = getattr(made, "targets", None) or []
    if service.by_phone and len(targets) != 1:
        raise NotAnAddress(_("Leave out the numbers of those who read: each message brings its own."))


def plugin(address: str, *, to: str) -> Any:
    """What sends to that address, or to ``to`` through it; None where Apprise cannot make it."""
    made = apprise.Apprise.instantiate(with_reader(address, to), asset=ASSET)
    if made is not None:
        made.socket_connect_timeout, made.socket_read_timeout = 4.0, 8.0
        made.verify_certificate, made.redirects = True, False
    return made


def with_reader(address: str, to: str) -> str:
    if not to:
        return address
    way, mark, options = address.partition("?")
    return f"{way.rstrip('/')}/{to}{mark}{options}"
