"""A client's answers to the questions of a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from booking.api.fields import LONGEST_NOTE, Flag, Text, Word

ODD = re.compile(r"[^\w.-]")


def checked(answers: Mapping[str, Any] | None, *, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers as they are kept, by question. Raises a 400 at ``answers.<id>`` for what is missing, of the
    wrong kind, or was never asked."""
    given = dict(answers or {})
    kept: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for question in questions:
        answer = given.pop(question["id"], None)
        try:
            if (read := _read(question, answer)) is not None:
                kept[question["id"]] = read
        except serializers.ValidationError as error:
            wrong[question["id"]] = error.detail
    for unknown in given:
        wrong[ODD.sub("?", unknown)[:60]] = [ErrorDetail(_("This question was not asked."), "unknown")]
    if wrong:
        raise serializers.ValidationError({"answers": wrong})
    return kept


def _read(question: dict[str, Any], answer: Any) -> Any:
    if answer is None or answer == "":
        if question.get("required"):
            raise serializers.ValidationError([ErrorDetail(_("Please answer this question."), "required")])
        return None
    return _field(question).run_validation(answer)


def _field(question: dict[str, Any]) -> serializers.Field[Any, Any, Any, Any]:
    if question["kind"] == "yes_no":
        return Flag()
    if question["kind"] == "choice":
        return Word(choices=question["choices"])
    return Text(max_length=LONGEST_NOTE, allow_blank=not question.get("required"))
