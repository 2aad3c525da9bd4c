"""A bounded flood: one person, many addresses, one network. Who floods pays for it and is stopped; who books is not."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from booking import availability, hoarding, proofs
from booking.hoarding import Proof, ProofNeeded, TooManyHolds
from booking.models import Appointment, Provider, Service
from config import network
from tests.booking import stories
from tests.booking.api.calls import Api, booking, token
from tests.booking.pages.conftest import visitor
from tests.booking.pages.test_book import SESSION, details, text
from tests.booking.stories import EARLY, MINUTE

__all__ = ["visitor"]
IP = "203.0.113.7"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little work for the machine that tests, and nothing counted before."""
    cache.clear()
    monkeypatch.setattr(hoarding, "WORK", 3)
    monkeypatch.setattr(proofs, "COST", 10)


@pytest.fixture
def studio(db: None) -> Provider:
    return stories.studio()


@pytest.fixture
def times(studio: Provider) -> Iterator[datetime]:
    """Free starts of two weeks, far enough from each other."""
    service = Service.objects.select_related("provider", "policy").get(provider=studio, slug="session")
    days = availability.slots(
        provider=studio,
        service=service,
        first=date(2027, 3, 1),
        last=date(2027, 3, 26),
        zone="UTC",
        mode=None,
        at=EARLY,
    )
    found = [datetime.fromisoformat(start) for day in days.values() for start in day]
    return itertools.chain(found[0:1], (b for a, b in itertools.pairwise(found[::8])))


def solved(no: ProofNeeded) -> Proof:
    challenge = no.facts["challenge"]
    tries = range(1, challenge["most"] + 1)
    number = next(one for one in tries if proofs.derived(challenge["salt"], one) == challenge["target"])
    return Proof(challenge["token"], str(number))


def flood(studio: Provider, times: Iterator[datetime], emails: Iterator[str], **over: Any) -> tuple[int, int]:
    """Books until it is a no, working where it must; how many it got, and for how many it worked."""
    got = worked = 0
    for email, start in zip(emails, times, strict=False):
        wish = {"start": start, "email": email} | over
        try:
            try:
                stories.book(studio, **wish)
            except ProofNeeded as no:
                worked += 1
                stories.book(studio, **wish, proof=solved(no))
            got += 1
        except TooManyHolds:
            break
    return got, worked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "Ada+work@Example.com"),
        ("ada.moss@gmail.com", "adamoss+1@googlemail.com"),
    ],
)
def test_one_box_however_it_is_written(one: str, other: str) -> None:
    assert hoarding.mailbox(one) == hoarding.mailbox(other)


def test_dots_count_elsewhere_and_a_name_of_a_plus_alone_stays() -> None:
    assert hoarding.mailbox("ada.moss@example.com") != hoarding.mailbox("adamoss@example.com")
    assert hoarding.mailbox("+@example.com") == "+@example.com"


def test_one_person_with_many_names_is_stopped(studio: Provider, times: Iterator[datetime]) -> None:
    names = (f"a.da+{n}@gmail.com" if n % 2 else f"ad.a+{n}@googlemail.com" for n in itertools.count())
    ips = itertools.count(1)
    got = worked = 0
    for name in itertools.islice(names, 9):  # from another network each time
        one, work = flood(studio, times, iter([name]), ip=f"198.51.100.{next(ips)}")
        got, worked = got + one, worked + work
    assert (got, worked) == (hoarding.MOST_OF_PERSON, hoarding.MOST_OF_PERSON - hoarding.SOFT_OF_PERSON)


def test_one_network_with_many_names_works_and_is_stopped(
    studio: Provider, times: Iterator[datetime]
) -> None:
    names = (f"client{n}@example.com" for n in itertools.count())
    assert flood(studio, times, names) == (hoarding.MOST, hoarding.MOST - hoarding.SOFT)
    assert flood(studio, times, names, ip="198.51.100.1")[0] > 0  # elsewhere one books on


def test_to_let_them_lapse_and_begin_anew_costs_work(studio: Provider, times: Iterator[datetime]) -> None:
    names = (f"client{n}@example.com" for n in itertools.count())
    flood(studio, times, itertools.islice(names, hoarding.SOFT))
    with pytest.raises(ProofNeeded):
        stories.book(studio, start=next(times), email="new@example.com", at=EARLY + 16 * MINUTE)
    stories.book(studio, start=next(times), email="new@example.com", at=EARLY + timedelta(hours=2))


def test_people_behind_one_address_who_pay_are_asked_for_nothing(
    studio: Provider, times: Iterator[datetime]
) -> None:
    for n in range(hoarding.MOST + 4):
        made = stories.book(studio, start=next(times), email=f"client{n}@example.com")
        stories.pay(made, at=EARLY + MINUTE)
    assert Appointment.objects.filter(status="confirmed").count() == hoarding.MOST + 4


def test_the_work_grows_with_the_crowd(studio: Provider, times: Iterator[datetime]) -> None:
    most = []
    for n in range(hoarding.SOFT + 2 * hoarding.HARDER_EVERY):
        wish = {"start": next(times), "email": f"client{n}@example.com"}
        try:
            stories.book(studio, **wish)
        except ProofNeeded as no:
            most.append(no.facts["challenge"]["most"])
            stories.book(studio, **wish, proof=solved(no))
    assert most == [3] * hoarding.HARDER_EVERY + [6] * hoarding.HARDER_EVERY


def crowded(studio: Provider, times: Iterator[datetime]) -> ProofNeeded:
    """The challenge that is posed once the network is at its soft limit."""
    flood(studio, times, (f"client{n}@example.com" for n in range(hoarding.SOFT)))
    with pytest.raises(ProofNeeded) as asked:
        stories.book(studio, start=next(times), email="new@example.com")
    return asked.value


def test_a_proof_is_good_once_here_and_soon(studio: Provider, times: Iterator[datetime]) -> None:
    proof = solved(crowded(studio, times))
    first, second = next(times), next(times)
    wish = {"email": "new@example.com", "proof": proof}
    for other in ({"ip": "198.51.100.1"}, {"at": EARLY + timedelta(minutes=40)}):
        at = other.get("at", EARLY)
        near = network.neighbourhood(str(other.get("ip", IP)))
        found = proofs.read(proof.token, whose=f"{studio.uid}:{near}", at=at)
        assert found is None
    stories.book(studio, start=first, **wish)
    with pytest.raises(ProofNeeded):
        stories.book(studio, start=second, **wish)


def test_what_was_not_booked_has_used_no_proof(studio: Provider, times: Iterator[datetime]) -> None:
    proof = solved(crowded(studio, times))
    taken = Appointment.objects.latest("pk").starts_at
    with pytest.raises(availability.SlotTaken):
        stories.book(studio, start=taken, email="new@example.com", proof=proof)
    assert stories.book(studio, start=next(times), email="new@example.com", proof=proof)


def test_who_cannot_work_waits_in_line(studio: Provider, times: Iterator[datetime]) -> None:
    no = crowded(studio, times)
    waited = Proof(no.facts["challenge"]["token"])
    start, until = next(times), datetime.fromisoformat(no.facts["challenge"]["wait_until"])
    for at in (EARLY, until - timedelta(seconds=1)):
        with pytest.raises(ProofNeeded) as early:
            stories.book(studio, start=start, email="new@example.com", proof=waited, at=at)
        assert early.value.facts["challenge"]["token"] == waited.token
    assert stories.book(studio, start=start, email="new@example.com", proof=waited, at=until)
    later = next(times)
    for _ in range(30):
        with pytest.raises(ProofNeeded) as again:
            stories.book(studio, start=later, email="more@example.com", at=until)
    assert again.value.facts["challenge"]["wait_until"] is None  # the line is full


@pytest.mark.pure
def test_two_who_come_at_once_never_get_the_same_turn() -> None:
    together = threading.Barrier(4)

    def come(_n: int) -> list[datetime | None]:
        together.wait(10)
        return [hoarding._in_line("one", EARLY) for _ in range(6)]

    with ThreadPoolExecutor(4) as pool:
        turns = [turn for found in pool.map(come, range(4)) for turn in found]
    each = [EARLY + n * hoarding.WAIT_EACH for n in range(1, 21)]
    assert sorted(filter(None, turns)) == each
    assert turns.count(None) == 4  # who comes to a full line is told so


@pytest.mark.pure
def test_a_line_that_was_left_keeps_its_beat_and_an_old_one_begins_anew() -> None:
    def seconds(at: datetime) -> float:
        turn = hoarding._in_line("one", at)
        assert turn
        return (turn - at).total_seconds()

    assert seconds(EARLY) == 30
    assert seconds(EARLY) == 60
    assert seconds(EARLY + timedelta(seconds=70)) == 50  # the first of its turns that is 30 s away
    cache.delete("one")
    assert seconds(EARLY + timedelta(seconds=71)) == 30


@pytest.mark.parametrize("part", range(proofs.PARTS))
def test_a_challenge_that_was_changed_is_none(part: int) -> None:
    posed = proofs.pose(whose="x", most=3, wait_until=EARLY, at=EARLY).token
    parts = posed.split(".")
    parts[part] = "9" * len(parts[part])
    cost = 2  # stated for the reader, never believed
    assert (proofs.read(".".join(parts), whose="x", at=EARLY) is not None) == (part == cost)


@pytest.mark.parametrize(
    "odd", ["", ".", "a" * 500, "é.1.1.1.1.1.1", "1.1.1.1.1.1.1", "......." * 3, "1.2.3.²" * 2]
)
def test_odd_tokens_and_answers_are_no_proof(odd: str) -> None:
    assert proofs.read(odd, whose="x", at=EARLY) is None
    posed = proofs.pose(whose="x", most=3, wait_until=None, at=EARLY)
    assert not proofs.is_met(posed, odd, at=EARLY)
    assert not proofs.is_met(posed, "9" * 8, at=EARLY)


def test_the_page_keeps_what_was_typed_and_goes_on_with_the_answer(
    visitor: Browser, studio: Provider, times: Iterator[datetime], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hoarding, "SOFT", 0)
    asked = visitor.post(SESSION, details(studio))
    said = text(asked)
    assert asked.status_code == 429
    assert 0 < int(asked["Retry-After"]) <= 32
    assert "One moment" in said
    form = asked.context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value()}
    assert typed["name"] == details(studio)["name"]
    assert typed["agree"]
    assert visitor.post(SESSION, typed).status_code == 429

    proof = asked.context["proof"]
    found = next(
        n for n in range(1, proof["most"] + 1) if proofs.derived(proof["salt"], n) == proof["target"]
    )
    assert visitor.post(SESSION, typed | {"proof_answer": str(found)}).status_code == 302
    assert Appointment.objects.count() == 1


def test_the_api_says_what_to_work_and_the_same_key_goes_on(
    studio: Provider, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hoarding, "SOFT", 0)
    api, key = Api(), {"Idempotency-Key": "k1"}
    no = api.post("appointments/", booking(studio), **key)
    assert (no.status, no.code) == (429, "proof_needed")
    assert 0 < int(no.headers["Retry-After"]) <= 32
    challenge = no.body["challenge"]
    assert challenge["algorithm"] == "PBKDF2/SHA-256"
    tries = range(1, challenge["most"] + 1)
    found = next(n for n in tries if proofs.derived(challenge["salt"], n) == challenge["target"])
    done = api.post(
        "appointments/", booking(studio), **key, **{"Kept-Proof": f"{challenge['token']};{found}"}
    )
    assert done.status == 201


def test_a_spoofed_header_changes_nothing(
    studio: Provider, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hoarding, "SOFT", 0)
    for n in range(3):
        no = Api().post("appointments/", booking(studio), **{"X-Forwarded-For": f"198.51.100.{n}"})
        assert no.code == "proof_needed"
    monkeypatch.setattr(hoarding, "SOFT", 1)
    assert Api().post("appointments/", booking(studio), **{"X-Forwarded-For": "198.51.100.1"}).status == 201
    other = booking(studio, start="2027-03-01T12:00:00+01:00")
    assert Api().post("appointments/", other, **{"X-Forwarded-For": "198.51.100.2"}).code == "proof_needed"


def test_a_providers_own_program_is_asked_for_nothing(
    studio: Provider, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hoarding, "SOFT", 0)
    monkeypatch.setattr(hoarding, "MOST", 0)
    assert Api(token(studio, "write")).post("appointments/", booking(studio)).status == 201
