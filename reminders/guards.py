"""What the database keeps true of messages and consents (see config/guards.py)."""

from config.guards import append_only

GUARDS = [*append_only("reminders_consent", blanked=("phone", "words"), client="NEW.client_id")]
