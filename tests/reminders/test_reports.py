"""The doors for what senders report, and the senders themselves."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
import requests
from django.test import Client as Browser

from booking.models import Appointment, Client
from config import senders
from config.env import WrongSetting, _email
from reminders import channels, consents
from reminders.models import MailEvent, Message
from tests.reminders import scene
from tests.reminders.test_channels import PHONE, TWILIO, agree, route

assert TWILIO

# --- EMAIL_URL ---


@pytest.mark.parametrize("name", senders.SENDERS)
def test_every_sender_is_made_from_its_example(name: str) -> None:
    found = _email(senders.SENDERS[name].example)

    assert found["EMAIL_BACKEND"] == f"anymail.backends.{name}.EmailBackend"
    assert found["MAIL_SENDER"] == name
    assert all(key.startswith(name.upper()) for key in found["ANYMAIL"])


def test_parts_of_an_address_become_settings() -> None:
    found = _email("mailgun://k%40y@mg.example.com?signing_key=abc&api=eu")

    assert found["ANYMAIL"] == {
        "MAILGUN_API_KEY": "k@y",
        "MAILGUN_SENDER_DOMAIN": "mg.example.com",
        "MAILGUN_WEBHOOK_SIGNING_KEY": "abc",
        "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
    }


@pytest.mark.parametrize(
    "url",
    [
        "mailgun://key-hunter2",
        "mailgun://mg.example.com",
        "postmark://",
        "postmark://hunter2@example.com",
        "brevo://hunter2@?colour=red",
        "mailjet://hunter2@",
        "mailgun://hunter2@mg.example.com?api=mars",
        "resend://hunter2@/path",
        "ses://hunter2@eu-west-1",
    ],
)
def test_a_wrong_one_is_one_line_that_says_what_to_set_and_no_key(url: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        _email(url)

    said = str(wrong.value)
    assert said.startswith("EMAIL_URL cannot be")
    assert "\n" not in said
    assert "hunter2" not in said


# --- By a sender's API ---


@pytest.fixture
def postmark(settings: Any, monkeypatch: Any) -> list[Any]:
    """What was posted, and what the API answers next, as (status, body)."""
    found = _email("postmark://TOKEN@")
    settings.EMAIL_BACKEND, settings.MAIL_SENDER = found["EMAIL_BACKEND"], "postmark"
    settings.ANYMAIL = {**settings.ANYMAIL, **found["ANYMAIL"]}
    posted: list[Any] = []

    def ask(self: Any, method: str, url: str, **said: Any) -> requests.Response:
        posted.append(json.loads(said["data"]))
        answer = requests.Response()
        answer.status_code, body = ANSWERS.pop(0) if ANSWERS else (200, FINE)
        answer._content = json.dumps(body).encode()
        return answer

    ANSWERS.clear()
    monkeypatch.setattr(requests.Session, "request", ask)
    return posted


ANSWERS: list[tuple[int, dict[str, Any]]] = []
FINE = {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "mira@example.com"}


@pytest.mark.django_db
def test_a_mail_by_api_keeps_its_name_and_its_links(postmark: list[Any]) -> None:
    message = scene.tell(scene.appointment())

    assert scene.sweep() == 1
    message.refresh_from_db()
    (posted,) = postmark
    assert posted["Metadata"] == {"message": str(message.uid)}
    assert (posted["TrackOpens"], posted["TrackLinks"]) == (False, "None")
    assert message.relay_id == "pm-1"


INACTIVE = "Found inactive addresses: mira@example.com. Inactive recipients are ones that bounced."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'mira@example.com'."}, "failed"),
        (422, {"ErrorCode": 406, "Message": INACTIVE}, "failed"),
        (422, {"ErrorCode": 406, "Message": "Nobody knows why"}, "waiting"),
        (422, {"ErrorCode": 1300, "Message": "Something about the mail"}, "failed"),
        (401, {"ErrorCode": 10, "Message": "Bad token"}, "waiting"),
        (429, {}, "waiting"),
        (503, {}, "waiting"),
    ],
)
def test_what_the_api_answers_is_judged_like_smtp(
    postmark: list[Any], status: int, body: dict[str, Any], state: str
) -> None:
    message = scene.tell(scene.appointment())
    ANSWERS.append((status, body))
    scene.sweep()

    assert scene.state(message) == state


# --- Reports ---


def report(
    browser: Browser, body: Any, *, user: str = "kept", password: str = "", sender: str = "postmark"
) -> int:
    from django.conf import settings

    secret = password or senders.webhook_password(settings.SECRET_KEY)
    said = base64.b64encode(f"{user}:{secret}".encode()).decode()
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return browser.post(
        f"/webhooks/mail/{sender}/",
        data,
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Basic {said}",
    ).status_code


def bounce(message: Message, kind: str = "HardBounce", **more: Any) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "ID": 42,
        "Type": kind,
        "MessageID": "pm-1",
        "Email": "mira@example.com",
        "BouncedAt": "2027-02-20T10:00:00Z",
        "Details": "550 no such mailbox",
        "Metadata": {"message": str(message.uid)},
        **more,
    }


@pytest.fixture
def sent(postmark: list[Any], db: None) -> Message:
    message = scene.tell(scene.appointment())
    scene.sweep()
    message.refresh_from_db()
    return message


def mira() -> Client:
    return Client.objects.get()


def test_a_bounce_marks_the_client_once_and_tells_the_provider(sent: Message, client: Browser) -> None:
    assert [report(client, bounce(sent)), report(client, bounce(sent))] == [200, 200]

    assert mira().mail_bounced_at is not None
    assert mira().mail_trouble == "550 no such mailbox"
    assert MailEvent.objects.count() == 1
    assert Message.objects.filter(kind="mail_bounced").count() == 1


def test_a_complaint_is_another_mark(sent: Message, client: Browser) -> None:
    report(client, bounce(sent, "SpamComplaint", RecordType="SpamComplaint"))

    assert mira().mail_complained_at is not None
    assert mira().mail_bounced_at is None


def test_without_our_name_the_senders_own_is_enough(sent: Message, client: Browser) -> None:
    report(client, bounce(sent, Metadata={}))

    assert mira().mail_bounced_at is not None


@pytest.mark.parametrize("kind", ["SoftBounce", "Transient", "AutoResponder", "DnsError"])
def test_what_passes_marks_nobody(sent: Message, client: Browser, kind: str) -> None:
    assert report(client, bounce(sent, kind)) == 200
    assert mira().mail_bounced_at is None


def test_an_address_that_was_corrected_meanwhile_stays_clean(sent: Message, client: Browser) -> None:
    Client.objects.update(email="new@example.com")
    report(client, bounce(sent))

    assert mira().mail_bounced_at is None


def test_strangers_and_odd_input_are_refused(sent: Message, client: Browser) -> None:
    assert report(client, bounce(sent), password="wrong") == 400
    assert report(client, bounce(sent), user="other") == 400
    assert report(client, bounce(sent), sender="mailgun") == 404
    assert report(client, bounce(sent), sender="nobody") == 404
    for odd in ("", "{", "[]", "null", "1", b"\xff\xfe", '{"RecordType": []}', "[" * 5000):
        assert report(client, odd) in (200, 400), odd
    assert client.get("/webhooks/mail/postmark/").status_code == 405
    assert mira().mail_bounced_at is None


def test_over_smtp_the_door_is_closed(client: Browser, db: None) -> None:
    assert report(client, {}) == 404


# --- Answers to texts ---


@pytest.fixture
def reached(db: None) -> Appointment:
    appointment = scene.appointment()
    agree(appointment)
    return appointment


def signed(url: str, fields: dict[str, str]) -> str:
    said = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(b"b" * 32, said.encode(), hashlib.sha1).digest()).decode()


def test_stop_by_text_is_heeded_when_twilio_signed_it(reached: Appointment, client: Browser) -> None:
    made = route(reached)
    path, fields = f"/webhooks/texts/{made.uid}/", {"From": PHONE, "Body": "STOP", "To": "+15005550006"}
    assert client.post(path, fields, HTTP_X_TWILIO_SIGNATURE="wrong").status_code == 403
    assert client.post(path, fields).status_code == 403
    assert consents.given(reached.client, "sms")

    mac = signed(f"http://testserver{path}", fields)
    assert client.post(path, fields, HTTP_X_TWILIO_SIGNATURE=mac).status_code == 200
    assert not consents.given(reached.client, "sms")
    assert client.post(path[:-3] + "0/", fields).status_code == 404

    again = fields | {"Body": "เริ่มค่ะ"}
    mac = signed(f"http://testserver{path}", again)
    assert client.post(path, again, HTTP_X_TWILIO_SIGNATURE=mac).status_code == 200
    kept = reached.client.consents.order_by("pk").values_list("state", "how")
    assert list(kept) == [("given", "booking"), ("withdrawn", "reply"), ("given", "reply")]


def test_a_refusal_by_api_of_every_recipient_blames_the_address() -> None:
    from anymail.exceptions import AnymailRecipientsRefused

    no = channels.judged_by_api(AnymailRecipientsRefused())
    assert isinstance(no, channels.Refused)
    assert no.dead


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        " Stop. ",
        "“stop”",
        "stop!!",
        "Stop, please",
        "STOP\u200b",
        "opt-out",
        "Unsubscribe",
        "Basta",
        "basta grazie",
        "ANNULLA\n    ",
        "Disiscrivimi, per favore",
        "non scrivetemi",
        "หยุด",
        "หยุดค่ะ",
        "หยุด ครับ",
        "ยกเลิกนะคะ",
        "ไม่รับแล้ว",
    ],
)
def test_a_wish_to_hear_nothing_is_understood(text: str) -> None:
    assert consents.heard(text) in consents.STOP


@pytest.mark.parametrize("text", ["START", "yes!", "Sì, grazie", "riprendi", "เริ่มค่ะ", "ตกลงครับ"])
def test_a_wish_to_hear_again_is_understood(text: str) -> None:
    assert consents.heard(text) in consents.START


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "Can we stop by at five?",
        "non mi ferma nessuno",
        "please",
        "ครับ",
        "I cannot come",
        "stopover",
    ],
)
def test_anything_else_is_no_word_about_it(text: str) -> None:
    assert consents.heard(text) not in consents.STOP | consents.START
