"""Two providers' files, as people would write them, and ways to break them."""

import copy
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "files"
BIANCHI: dict[str, Any] = json.loads((FOLDER / "studio-bianchi.json").read_bytes())
NOK: dict[str, Any] = json.loads((FOLDER / "khru-nok.json").read_bytes())
GONE = object()


def changed(file: dict[str, Any], *changes: tuple[Any, ...]) -> dict[str, Any]:
    """The file with ``(key, index, …, value)`` changed; the value ``GONE`` takes the key away."""
    file = copy.deepcopy(file)
    for *path, last, value in changes:
        place: Any = file
        for key in path:
            place = place[key]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return file


def content(file: Any) -> bytes:
    return json.dumps(file).encode()
