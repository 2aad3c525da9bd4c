"""Somebody with a browser: what they see is kept as pictures, and what they should never meet is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

from tests import looking, telling

SCREENSHOTS = Path(__file__).parent.parent.parent / "var" / "screenshots"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
GRAVE = ("serious", "critical")
MOST_STOPS = 120
NO_FAULT = (
    "Failed to load resource: the server responded",  # a form that comes back; others are asked for by status
    "htmx:afterRequest",  # of an answer that nobody waits for any more, since something else was picked
    "htmx:sendAbort",
)


def keep(page: Any, name: str) -> None:
    """The whole page as a picture."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled")


class Visitor:
    """A fresh browser in one zone and language. `complaints` are what nobody should meet on any page: errors on
    the console (a blocked script or style is one), requests to other hosts (but the site `around` a frame), answers of
    500 and above, and grave findings of axe."""

    def __init__(
        self,
        browser: Any,
        *,
        home: str,
        zone: str,
        locale: str,
        screen: dict[str, int] = PHONE,
        scripts: bool = True,
        closely: bool = True,
        pictures: bool = False,
        around: str = "",
    ) -> None:
        self.home, self.closely, self.pictures = home, closely, pictures
        self.ours = {"", urlsplit(home).netloc, urlsplit(around).netloc}
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport=screen,
            timezone_id=zone,
            locale=locale,
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        self.context.set_default_timeout(30_000)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.page = self.context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc not in self.ours:
            self.complaints.append(f"outside: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= (500 if response.request.is_navigation_request() else 400):
            self.complaints.append(f"{response.status}: {response.url}")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(NO_FAULT):
            self.complaints.append(f"console on {self.page.url}: {message.text}")

    # --- Going and seeing ---

    def open(self, address: str) -> None:
        """A path of the product, or a link out of a mail: always as it is now."""
        telling.going_on(address)
        self.page.goto(
            "about:blank"
        )  # else an address that differs by its #part alone would not be asked for
        self.page.goto(address if address.startswith("http") else self.home + address)

    def click(self, selector: str) -> None:
        self.settle()
        self.page.locator(selector).first.click()

    def settle(self) -> None:
        """Waits until no part of the page is being asked for or put in its place."""
        looking.settle(self.page)

    def text(self, selector: str = "main") -> str:
        """What can be read there, on one line."""
        return " ".join(self.page.locator(selector).first.inner_text().split())

    @property
    def token(self) -> str:
        """That of the appointment whose page is open: the address has been rid of it, the cookie has it."""
        for cookie in self.context.cookies(self.page.url):
            if cookie["name"] == "appointment":
                return str(cookie["value"])
        raise AssertionError(f"not on the page of an appointment: {self.page.url}")

    def look(self, name: str, *, closely: bool = True) -> None:
        """Looks at the page on a phone and on a desktop and asks axe about both: each layout and each palette
        once. With `pictures` all four are kept. Where it is not `closely` axe sees it once, as it is."""
        self.settle()
        if not self.pictures and not (closely and self.closely):
            self._ask_axe(name)
            return
        before = self.page.viewport_size
        for screen in (PHONE, DESKTOP):
            self.page.set_viewport_size(screen)
            for scheme in ("light", "dark"):
                asked = (screen is PHONE) == (scheme == "dark")
                if asked or self.pictures:
                    self.page.emulate_media(color_scheme=scheme)
                if self.pictures:
                    keep(self.page, f"{name}-{screen['width']}-{scheme}")
                if asked:
                    self._ask_axe(f"{name}, {screen['width']} px, {scheme}")
            self._sideways(f"{name}, {screen['width']} px")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(before)

    def _ask_axe(self, where: str) -> None:
        """What is gone half a second later was a layout or a palette on its way, that nobody reads."""
        if self._grave():
            self.page.wait_for_timeout(500)
            for finding in self._grave():
                spots = [node["target"] for node in finding["nodes"]]
                self.complaints.append(f"axe on {where}: {finding['id']}, {finding['help']}: {spots}")

    def _grave(self) -> list[Any]:
        self.page.evaluate("document.getAnimations().forEach((one) => one.finish())")
        found = Axe().run(self.page).response["violations"]
        return [finding for finding in found if finding["impact"] in GRAVE]

    def _sideways(self, where: str) -> None:
        wider = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wider > 0:
            self.complaints.append(f"{where}: {wider} px wider than the screen")

    # --- By keyboard ---

    def tab_to(self, selector: str) -> None:
        """Goes there by the Tab key alone; there the focus must be seen."""
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("where => document.activeElement.matches(where)", selector):
                self._seen(selector)
                return
        raise AssertionError(f"the Tab key does not reach {selector} on {self.page.url}")

    def _seen(self, selector: str) -> None:
        """The focus shows: an outline or a shadow, on the thing itself or on the label around it."""
        shows = self.page.evaluate(
            """() => {
                const here = document.activeElement;
                return [here, here.closest('label'), here.closest('li, .card')].filter(Boolean).some((one) => {
                    const style = getComputedStyle(one);
                    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
                        || style.boxShadow !== 'none';
                });
            }"""
        )
        if not shows:
            self.complaints.append(f"focus is not seen at {selector} on {self.page.url}")
