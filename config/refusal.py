"""Our own "no"."""

from typing import Any, ClassVar


class Refusal(Exception):
    """Something that was asked for and will not be done, and why.

    Subclasses are defined beside the function that says no. `code` is for machines and never changes;
    `detail` is for people, in the active language; `facts` go into the answer beside them (as
    `alternatives`, `quote`, or `errors` by field where `status` is 400).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, detail: str | None = None, **facts: Any) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.facts = facts
