"""What clients see can be used by everyone: narrow and enlarged, with wider letters, from right to left, in colours of
the reader's own, without motion, by keyboard, in Thai. One browser, each page once for each way."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking import tokens
from tests import looking
from tests.booking import stories
from tests.booking.stories import EARLY, MONDAY

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SESSION = "/studio-bianchi/session/"

# A page at 320 px is one at 1280 px and 400 %; at 640 px it is 200 %.
NARROW, DOUBLE = {"width": 320, "height": 640}, {"width": 640, "height": 450}
# WCAG 1.4.12
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-block-end: 2em !important; }"""
STYLE = """css => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
}"""
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    const inside = (one) => !one.closest('.unseen, .skip') && one.getClientRects().length;
    const out = [...document.querySelectorAll('body *')].filter(inside).filter((one) => {
        const { left, right } = one.getBoundingClientRect();
        return left < -1 || right > width + 1;
    });
    return out.slice(0, 3).map((one) => one.outerHTML.slice(0, 120));
}"""
# WCAG 2.5.8: 24 by 24, or a link in a sentence, or far enough from the others.
TOO_SMALL = """() => {
    const seen = [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(
        (one) => one.type !== 'hidden' && !one.disabled && one.tabIndex >= 0 && !one.closest('.unseen, .skip')
            && one.getClientRects().length);
    const spot = (one) => (one.closest('label') || one).getBoundingClientRect();
    const small = seen.filter((one) => spot(one).height < 24 || spot(one).width < 24);
    const near = (a, b) => {
        const [x, y] = [(a.left + a.right) / 2, (a.top + a.bottom) / 2];
        const [dx, dy] = [Math.max(b.left - x, 0, x - b.right), Math.max(b.top - y, 0, y - b.bottom)];
        return Math.hypot(dx, dy) < 12;
    };
    return small.filter((one) => seen.some((other) => other !== one && near(spot(one), spot(other))))
        .map((one) => one.outerHTML.slice(0, 120));
}"""
MOVES = """() => [...document.querySelectorAll('body *')].filter((one) => {
    const style = getComputedStyle(one);
    return Math.max(...[style.transitionDuration, style.animationDuration]
        .flatMap((all) => all.split(',')).map(parseFloat)) > 0.001;
}).length + document.getAnimations().length"""
# What says which one is chosen or can be pressed, once backgrounds are gone.
UNSEEN_CHOICES = """() => {
    const edge = (one) => {
        const style = getComputedStyle(one);
        return (style.borderStyle !== 'none' && parseFloat(style.borderWidth) > 0)
            || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
    };
    const outlined = (one) => parseFloat(getComputedStyle(one).outlineWidth) >= 3;
    const all = (what) => [...document.querySelectorAll(what)].filter((one) => one.getClientRects().length);
    return [...all('.button, .chip, .choice, .month a, .month button, .quote, .notice').filter((one) => !edge(one)),
        ...all('.month [aria-current], .switcher [aria-current], .choice:has(:checked)').filter((one) => !outlined(one))]
        .map((one) => one.outerHTML.slice(0, 120));
}"""
HIDDEN_FOCUS = """() => {
    const here = document.activeElement;
    if (here === document.body) return '';
    const spot = (here.closest('label') || here).getBoundingClientRect();
    const [x, y] = [spot.left + spot.width / 2, spot.top + Math.min(spot.height / 2, 20)];
    const top = document.elementFromPoint(x, y);
    const shown = top && (here.contains(top) || top.contains(here) || (here.closest('label') || here).contains(top));
    const styles = [here, here.closest('label')].filter(Boolean).map((one) => getComputedStyle(one));
    styles.push(getComputedStyle(here, '::after'));
    const outlined = styles.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
    return shown && outlined ? '' : here.outerHTML.slice(0, 120);
}"""


@pytest.fixture
def pages(clock: time_machine.Traveller, transactional_db: None) -> dict[str, str]:
    studio = stories.studio()
    booked = stories.confirmed(studio)
    link = tokens.manage_path(booked)
    free = (MONDAY + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "studio": "/studio-bianchi/",
        "details": f"{SESSION}?tz=Europe/Rome&start={free}",
        "lost": f"{SESSION}?tz=Europe/Rome&start={MONDAY.strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "appointment": link,
        "cancel": f"{link}cancel/",
    }


def wrong_about(page: Any) -> list[str]:
    """Everything that is wrong with the page that is open."""
    found: list[str] = []

    def tell(way: str, what: Any) -> None:
        if what:
            found.append(f"{page.url} {way}: {what}")

    tell("small targets", page.evaluate(TOO_SMALL))
    tell("moves", page.evaluate(MOVES))
    for way, screen in (("320 px", NARROW), ("200 %", DOUBLE)):
        page.set_viewport_size(screen)
        tell(way, page.evaluate(TOO_WIDE))
    page.set_viewport_size(looking.PHONE)
    page.evaluate(STYLE, SPACING)
    tell("wider letters", page.evaluate(TOO_WIDE))
    page.evaluate("document.adoptedStyleSheets = []")
    for screen in (looking.PHONE, looking.DESKTOP):
        page.set_viewport_size(screen)
        page.evaluate("document.documentElement.dir = 'rtl'")
        tell(f"right to left at {screen['width']}", page.evaluate(TOO_WIDE))
        looking.keep(page, page.url, "rtl", screen["width"], "light")
    heading = page.locator("h1").first
    box = heading.evaluate("one => [getComputedStyle(one).direction, getComputedStyle(one).textAlign]")
    tell("right to left", box if box != ["rtl", "start"] else "")
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    tell("own colours", page.evaluate(UNSEEN_CHOICES))
    looking.keep(page, page.url, "en", looking.DESKTOP["width"], "forced")
    page.set_viewport_size(looking.PHONE)
    for _ in range(25):
        page.keyboard.press("Tab")
        # The page scrolls there a moment later.
        tell("focus", looking.at_rest(page, lambda: page.evaluate(HIDDEN_FOCUS)))
    page.emulate_media(forced_colors="none", reduced_motion="reduce")
    return found


def test_everyone_can_use_what_clients_see(pages: dict[str, str], page: Any, live_server: Any) -> None:
    page.clock.install(time=EARLY + timedelta(minutes=1))
    page.emulate_media(reduced_motion="reduce")
    wrong: list[str] = []
    for name, path in pages.items():
        page.set_viewport_size(looking.PHONE)
        page.goto(live_server.url + path)
        if name == "details":  # with something chosen, and errors at the fields
            page.locator("[name=mode][value=video]").check()
            page.locator("#book button[type=submit]").last.click()
            page.wait_for_function("document.activeElement.matches('.notice-bad')")
        wrong += wrong_about(page)
    assert not wrong, "\n".join(wrong)

    # In Thai: our own letters, lines broken between words, and years as they are counted there.
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.set_viewport_size(NARROW)
    for name in ("lost", "details", "appointment"):
        looking.speak(page, live_server.url, "th")
        page.goto(live_server.url + pages[name])
        page.wait_for_function("document.fonts.check('16px \"Noto Sans Thai\"', 'ก')")
        assert page.evaluate(TOO_WIDE) == []
        said = page.locator("main").inner_text()
        assert "2570" in said
        assert not re.search(r"(?<!-)2027", said)  # but the number of a receipt
    assert any("noto-sans-thai" in one for one in asked)
    assert {"/".join(one.split("/")[:3]) for one in asked} == {live_server.url}
