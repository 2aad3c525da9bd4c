"""The whole installation as one file, for either database (docs/provider-file.md is for one provider).

A zip: a line of JSON per row in ``tables/<table>.jsonl``, and ``manifest.json`` with the version, the
migrations, and of each table its columns, row count and SHA-256. What is in ``.env`` (the secret key, the
keys of Stripe and mail) is not in it, nor are log-in sessions: keep ``.env`` apart, for without its
SECRET_KEY the links in mails that were sent are dead."""

from config.backup.loading import NotRestored, restore
from config.backup.saving import save

__all__ = ["NotRestored", "restore", "save"]
