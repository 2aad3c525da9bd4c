"""The dashboard's room for messages: what went out, what waits, what failed."""
