"""What SQLite's planner knows of the tables: how many rows there are, and how many have a value in common. Without it
a list goes along the wrong index once there are many. PostgreSQL counts by itself (autovacuum)."""

from datetime import datetime

from django.db import connection

# Rows looked at in each index: a moment's work whatever the size. SQLite advises 100 to 1,000.
LOOKED_AT = 1000


def renew(*, at: datetime) -> int:
    """1 where it was done. Not ``PRAGMA optimize``: before SQLite 3.46 that leaves out what its own connection has not
    asked for, and a worker does not ask for what pages do."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        cursor.execute("ANALYZE")
    return 1
