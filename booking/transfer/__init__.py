"""A provider's whole set-up as one JSON file, in and out without loss (docs/provider-file.md)."""

from booking.transfer.editing import edit, put
from booking.transfer.reading import FileRefused, read
from booking.transfer.storing import load
from booking.transfer.writing import dump, dumps, policy_part, service_part

__all__ = ["FileRefused", "dump", "dumps", "edit", "load", "policy_part", "put", "read", "service_part"]
