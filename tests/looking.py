"""Many pages seen in one browser: what axe says by light and by dark, and whether a phone holds them in every
language. `PICTURES=folder` keeps each as a picture besides."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from axe_playwright_python.sync_playwright import Axe

from tests import telling

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LANGUAGES = ("en", "it", "th")
PICTURES = os.environ.get("PICTURES", "")
AXE = Axe()
Found = TypeVar("Found")
UNDER_WAY = ".htmx-request, .htmx-swapping, .htmx-settling"
COLOURS = {"runOnly": ["color-contrast"]}


def settle(page: Any) -> None:
    """Waits until nothing of the page, or of the frame, is asked for or put in its place."""
    page.locator(UNDER_WAY).first.wait_for(state="detached")


def until(page: Any, true: Callable[[], Any], *, seconds: float = 30) -> None:
    """Waits until ``true()``, while the browser goes on and tells what happens in it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not true within {seconds} s on {page.url}"
        page.wait_for_timeout(50)


def at_rest(page: Any, look: Callable[[], Found]) -> Found:
    """What a look at the page finds, once it had time to come to rest: colours change softly, widths a moment late."""
    found = look()
    for pause in (300, 1000, 3000):
        if found:
            page.wait_for_timeout(pause)
            found = look()
    return found


def complaints_of_axe(page: Any, **options: Any) -> list[str]:
    """What axe says of the page at rest."""
    found = at_rest(page, lambda: AXE.run(page, options=options).response["violations"])
    return [
        f"{one['id']} {one['nodes'][0]['html'][:120]} {one['nodes'][0]['failureSummary']}" for one in found
    ]


def complaints_about(page: Any, url: str, *, languages: tuple[str, ...] = ("en",)) -> list[str]:
    """Whatever is wrong with one page: axe by light on a desktop, its colours by dark on a phone (nothing else
    changes), and what is wider than a phone, that in each of ``languages``."""
    wrong = []
    page.emulate_media(reduced_motion="reduce")
    for language in languages:
        telling.going_on(url)
        speak(page, url, language)
        page.goto(url)
        for screen, scheme, options in ((DESKTOP, "light", {}), (PHONE, "dark", COLOURS)):
            page.set_viewport_size(screen)
            page.emulate_media(color_scheme=scheme)
            if language == languages[0]:
                wrong += [f"{url} {scheme}: {one}" for one in complaints_of_axe(page, **options)]
            keep(page, url, language, screen["width"], scheme)
        if at_rest(page, lambda: page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]):
            wrong.append(f"{url} is wider than a phone in {language}")
    return wrong


def speak(page: Any, url: str, language: str) -> None:
    home = "/".join(url.split("/")[:3])
    page.context.add_cookies([{"name": "django_language", "value": language, "url": home}])


def keep(page: Any, url: str, language: str, width: int, scheme: str) -> None:
    if PICTURES:
        name = "-".join(part for part in url.split("/")[3:] if part)[-60:] or "home"
        path = Path(PICTURES) / f"{name}-{language}-{width}-{scheme}.png".replace("?", "_")
        page.screenshot(path=path, full_page=True, animations="disabled")
