"""What every template keeps to, so that the strict content policy holds: nothing inline, no outside host."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[3] / "templates"
# Mails, and the frame that shows one as it will arrive, come with a style of their own and a policy that allows it.
LETTERS = {TEMPLATES / "dashboard/messages/_sample.html", *(TEMPLATES / "reminders").glob("*.html")}
PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if path not in LETTERS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
@pytest.mark.parametrize(
    "never",
    [
        r"<style",
        r"\sstyle=",
        r"\son[a-z]+=",
        r"<script(?![^>]*\ssrc=)(?![^>]*application/(ld\+)?json)",
        r"(src|href|action)=\"(https?:)?//",
        r"javascript:",
    ],
)
def test_nothing_inline_and_no_outside_host(page: Path, never: str) -> None:
    html = re.sub(r"\{%.*?%\}", "", page.read_text())
    assert re.search(never, html) is None
