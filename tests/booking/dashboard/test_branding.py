"""Set-up > Colour and logo: tried on, kept, shown on every page, in mails and on receipts."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image

from booking import brand, transfer
from booking.models import Logo, Provider, Role
from tests.booking import stories
from tests.booking.dashboard.people import standing_as

URL = "/dashboard/set-up/brand/"


def drawn(size: tuple[int, int] = (300, 100), kind: str = "PNG", **options: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "#123456").save(made, kind, **options)
    return made.getvalue()


def sent(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def branded(desk: Browser, **over: Any) -> Provider:
    said = {"own_colour": "yes", "colour": "#7a1fa2", "logo": sent(drawn())} | over
    assert desk.post(URL, said).status_code == 302
    return Provider.objects.get()


def test_pages_wear_the_colour_and_the_logo(desk: Browser, studio: Provider) -> None:
    version = studio.version
    studio = branded(desk)
    assert studio.version > version  # remembered pages are written anew
    for path in (f"/{studio.slug}/", f"/{studio.slug}/session/"):
        page = Browser().get(path).content.decode()
        assert f'href="{studio.style_path}"' in page
        assert f'src="{studio.logo_path}"' in page
    styles = Browser().get(studio.style_path)
    assert "immutable" in styles["Cache-Control"]
    assert "--accent: #7a1fa2" in styles.content.decode()
    logo = Browser().get(studio.logo_path)
    assert (logo["Content-Type"], logo["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "immutable" in logo["Cache-Control"]
    assert "immutable" not in Browser().get(f"/{studio.slug}/logo.png?v=old")["Cache-Control"]


def test_a_logo_stays_until_it_is_taken_away(desk: Browser, studio: Provider) -> None:
    was = branded(desk).brand["logo"]
    assert branded(desk, logo="", colour="#00aa00").brand == {"colour": "#00aa00", "logo": was}
    assert branded(desk, logo="", own_colour="", without_logo="on").brand == {}
    assert Browser().get(f"/{studio.slug}/logo.png").status_code == 404
    assert Browser().get(f"/{studio.slug}/brand.css").status_code == 404


def test_a_colour_is_tried_on_without_saving(desk: Browser, studio: Provider) -> None:
    page = desk.post(URL, {"own_colour": "yes", "colour": "#ffd400", "do": "look"}).content.decode()
    assert "Nothing is saved yet" in page
    assert "darker on light pages" in page
    assert Provider.objects.get().brand == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no PNG, JPEG or WebP"),
        (b"", "empty"),
        (drawn((10, 10)), "too small"),
        (drawn((4001, 20)), "larger than 4000 pixels"),
        (drawn()[:200], "no PNG, JPEG or WebP"),
        (drawn(kind="GIF"), "no PNG, JPEG or WebP"),
        (b"\x00" * (brand.LARGEST + 1), "larger than 2 MB"),
    ],
    ids=["script", "empty", "tiny", "huge", "cut_off", "other_format", "heavy"],
)
def test_what_is_no_logo_is_refused_in_words(
    desk: Browser, studio: Provider, content: bytes, words: str
) -> None:
    page = desk.post(URL, {"own_colour": "yes", "colour": "#7a1fa2", "logo": sent(content)})
    assert page.status_code == 400
    assert words in page.content.decode()
    assert Provider.objects.get().brand == {}


def test_a_wrong_colour_is_refused_at_its_field(desk: Browser, studio: Provider) -> None:
    page = desk.post(URL, {"own_colour": "yes", "colour": "red;}"})
    assert page.status_code == 400
    assert "six signs after #" in page.content.decode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_nothing_else_comes_along(kind: str) -> None:
    picture = brand.picture(drawn((2000, 500), kind) + b"<script>alert(1)</script>")
    assert (picture.width, picture.height) == (640, 160)
    assert b"script" not in picture.content
    assert brand.picture(picture.content) == picture


def test_the_file_has_all_of_it_and_leaves_what_it_does_not_say(desk: Browser, studio: Provider) -> None:
    studio = branded(desk)
    file = transfer.dump(provider=studio)
    again = file | {"provider": file["provider"] | {"slug": "another"}}
    other = transfer.load(file=transfer.read(transfer.dumps(again).encode()), at=stories.EARLY)
    assert transfer.dump(provider=other)["brand"] == file["brand"]
    silent = {name: part for name, part in again.items() if name != "brand"}
    transfer.load(file=transfer.read(transfer.dumps(silent).encode()), at=stories.EARLY)
    other.refresh_from_db()
    assert other.brand == studio.brand
    assert base64.b64decode(file["brand"]["logo"]) == bytes(Logo.objects.get(provider=studio).content)


def test_who_is_no_owner_only_looks(desk: Browser, studio: Provider) -> None:
    standing_as(studio, Role.MEMBER)
    assert desk.get(URL).status_code == 200
    assert desk.post(URL, {"own_colour": ""}).status_code == 403
