"""A provider's own words: what stands in braces is filled in or refused by name, and the facts stay ours."""

import re
from typing import Any

import pytest
from django.utils import translation

from reminders import adapted, wording
from reminders.models import Adapted
from reminders.wording import placeholders, safe
from reminders.wording.case import Case
from tests.mail import Sink
from tests.reminders import letters, scene
from tests.reminders.letters import letter
from tests.reminders.scene import BOOKED, MANAGE
from tests.reminders.test_harmless import NASTY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {clinet}", "{clinet} is not a placeholder. Did you mean {client}?"),
        ("Ciao {cliente}", "{cliente} is not a placeholder. Did you mean {client}?"),
        ("{ wen }", "{wen} is not a placeholder. Did you mean {when}?"),
        ("{Service}", "{Service} is not a placeholder. Did you mean {service}?"),
        ("{xyz}", "{xyz} is not a placeholder. There are: {client}, {service}, {when}, {where}, {provider}."),
        ("{client.__class__}", "{client.__class__} is not a placeholder. Did you mean {client}?"),
        ("{link}", "{link} has no place here: put it into the text."),
        ("Hi {client", "A brace has lost its partner: placeholders are written as {client}."),
        ("Hi {{client}}", "A brace has lost its partner: placeholders are written as {client}."),
        ("x" * 151, "This is 151 characters long; 150 fit."),
        ("one\nBcc: two", "This must be one line without characters that cannot be seen."),
        ("one\u2028two", "This must be one line without characters that cannot be seen."),
    ],
)
def test_a_subject_that_is_wrong_says_what_would_be_right(text: str, said: str) -> None:
    found = placeholders.problems({"subject": text})["subject"]

    assert said in found


@pytest.mark.parametrize(
    "text", ["", "Hello { client }, {service} on {when} at {where}. {provider} {link}", "x" * 3000]
)
def test_a_text_that_is_right_is_taken(text: str) -> None:
    assert placeholders.problems({"opening": text, "closing": text}) == {}


# --- Filled in ---

OWN = {
    "subject": "Bring your mat: {service}",
    "heading": "Nearly time, {client}",
    "opening": "Dear {client},\n\nsee you on {when}, {where}.\nAll is on {link}.",
    "closing": "Warmly,\n{provider}",
}

OURS = "http://testserver/studio-bianchi"
SIGNED = (
    f"Warmly,\nStudio Bianchi\n\n-- \nStudio Bianchi\nLegal notice: {OURS}/legal/\nPrivacy: {OURS}/privacy/\n"
)


def _written(kind: str = "reminder", *, texts: Any = None, **fields: Any) -> wording.Letter:
    appointment = scene.appointment(**fields)
    adapted.save(
        provider=appointment.provider,
        kind=kind,
        language="en",
        texts=OWN if texts is None else texts,
        by=None,
        at=BOOKED,
    )
    return letter(kind, of=appointment)


@pytest.mark.django_db
def test_a_letter_is_said_in_the_providers_words_and_keeps_its_facts() -> None:
    written = _written(mode="in_person")

    assert written.subject == "Bring your mat: Individual session"
    assert written.text.startswith(
        "Nearly time, Mira\n\nDear Mira,\n\nsee you on Monday 1 March 2027, 16:00 (Rome time),"
        f" Via Tortona 12, 20144 Milano, Italia.\nAll is on {MANAGE}."
    )
    assert written.text.endswith(SIGNED)
    assert "Hello Mira" not in written.text
    assert "You can simply answer this mail" not in written.text
    for fact in ("When: Monday 1 March 2027, 16:00–16:50", scene.NOW["quote_text"], f"{MANAGE}confirm/"):
        assert fact in written.text
    assert f'href="{MANAGE}"' in written.html
    assert "your appointment&#x27;s page</a>" in written.html


@pytest.mark.django_db
def test_a_letter_wears_the_providers_colour_and_leads_to_its_logo() -> None:
    appointment = scene.appointment()
    appointment.provider.brand = {
        "colour": "#7a1fa2",
        "logo": {"sha256": "ab" * 32, "width": 640, "height": 96},
    }
    page = letter("reminder", of=appointment).html
    assert "#0b6a57" not in page
    assert 'bgcolor="#7a1fa2"' in page
    logo = f'src="{OURS}/logo.png?v={"ab" * 8}" alt="" width="160" height="24"'
    assert logo in page
    assert ">Studio Bianchi</td>" in page  # for whoever sees no pictures


@pytest.mark.django_db
def test_what_is_left_empty_is_said_in_ours() -> None:
    written = _written(texts={"closing": "Warmly"})

    assert written.subject.startswith("Reminder: Individual session")
    assert "Hello Mira," in written.text
    assert "\n\nWarmly\n\n" in written.text


@pytest.mark.django_db
def test_each_language_has_its_own_words() -> None:
    appointment = scene.appointment()
    studio = appointment.provider
    adapted.save(provider=studio, kind="reminder", language="it", texts=OWN, by=None, at=BOOKED)

    assert "Hello Mira" in letter("reminder", of=appointment).text
    with translation.override("it"):
        assert "Dear Mira" in letter("reminder", of=appointment).text


@pytest.mark.django_db
def test_every_kind_takes_them_and_never_loses_a_link() -> None:
    appointment = scene.appointment()
    for kind in adapted.kinds():  # one appointment for all of them
        ours = letter(kind, of=appointment)
        case = Case(ours_message(appointment, kind), scene.NOW | letters.TOLD.get(kind, {}), BOOKED)
        theirs = wording.letter(case, texts=OWN)

        assert "Dear Mira," in theirs.text, kind
        assert theirs.text.endswith(SIGNED), kind
        links = set(re.findall(r"https?://\S+", ours.text))
        assert links <= set(re.findall(r"https?://\S+[^.\s]", theirs.text)) | {MANAGE}, kind
        money = set(re.findall(r"€[\d.]+\d", ours.text)) - set(re.findall(r"€[\d.]+\d", ours.heading))
        assert money <= set(re.findall(r"€[\d.]+\d", theirs.text)), kind


def ours_message(appointment: Any, kind: str) -> Any:
    from reminders.models import Message

    return Message(
        provider=appointment.provider,
        appointment=appointment,
        kind=kind,
        to="client",
        start_at=appointment.starts_at,
    )


# --- Harmless ---


@pytest.mark.django_db
@pytest.mark.parametrize("name", NASTY.values(), ids=list(NASTY))
def test_a_nasty_name_does_nothing_in_adapted_words_either(post: Sink, name: str) -> None:
    appointment = scene.appointment()
    appointment.client.name = name.replace("\0", "")
    appointment.client.save()
    own = OWN | {"subject": "For {client}: {service}", "closing": "www.{client}.com {client}@x.example"}
    adapted.save(
        provider=appointment.provider, kind="confirmed", language="en", texts=own, by=None, at=BOOKED
    )
    scene.tell(appointment, "confirmed")

    assert scene.sweep() == 1

    mail = post[0]
    assert mail["Bcc"] is None
    assert len(mail.get_all("X-Kept-Kind")) == len(mail.get_all("To")) == 1
    assert "\n" not in mail["Subject"]
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert "<svg" not in html
    assert 'href="https://evil' not in html
    assert "https://evil" not in text
    assert "www.evil" not in text
    assert f"www.{safe.WORD_JOINER}" in text
    assert "49" not in text.split("Warmly")[0].split("When:")[0] or "7|add" not in name


@pytest.mark.django_db
def test_a_name_that_looks_like_a_placeholder_is_a_name() -> None:
    appointment = scene.appointment()
    appointment.client.name = "{link} {provider}"
    adapted.save(provider=appointment.provider, kind="reminder", language="en", texts=OWN, by=None, at=BOOKED)

    assert "Dear {link} {provider}," in letter("reminder", of=appointment).text


@pytest.mark.django_db
def test_mark_up_in_a_providers_words_is_text() -> None:
    written = _written(texts={"opening": '<b>Hi</b> <a href="https://x.example">x</a>'})

    assert "&lt;b&gt;Hi&lt;/b&gt;" in written.html
    assert 'href="https://x.example"' not in written.html


# --- Versions ---


@pytest.mark.django_db
def test_versions_are_kept_and_one_can_go_back() -> None:
    studio = scene.appointment().provider
    key: dict[str, Any] = {"provider": studio, "kind": "reminder", "language": "en"}

    def save(subject: str) -> Any:
        return adapted.save(**key, texts={"subject": subject}, by=None, at=BOOKED)

    assert save("One").number == 1
    assert save("Two").number == 2
    assert save("Two").number == 2
    assert adapted.go_back(**key, at=BOOKED)
    assert adapted.in_force(**key) is None
    assert save("One").number == 3
    assert save("") is None
    assert [(one.number, one.subject) for one in adapted.versions(**key)] == [
        (3, "One"),
        (2, "Two"),
        (1, "One"),
    ]
    assert not Adapted.objects.in_force().exists()


@pytest.mark.django_db
def test_words_with_a_wrong_placeholder_are_not_saved() -> None:
    studio = scene.appointment().provider

    with pytest.raises(adapted.WrongWording) as refused:
        adapted.save(
            provider=studio,
            kind="reminder",
            language="en",
            texts={"opening": "Hi {clinet}"},
            by=None,
            at=BOOKED,
        )

    assert refused.value.facts["errors"] == {
        "opening": ["{clinet} is not a placeholder. Did you mean {client}?"]
    }
    assert not Adapted.objects.exists()
