"""Texts that a provider wrote in several languages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language


def text_in(texts: Mapping[str, str], *, fallback: str) -> str:
    """The text in the reader's language, else in ``fallback`` (the provider's own), else in any."""
    wanted = (get_language() or "en").split("-")[0]
    for language in (wanted, fallback, "en", *texts):
        if texts.get(language):
            return texts[language]
    return ""
