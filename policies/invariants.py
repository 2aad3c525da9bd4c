# ruff: noqa: S608, the SQL is made of constants alone
"""What must be true of what was agreed (see config/invariants.py)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from config.invariants import Asked, Invariant

REASONS = "('emergency', 'illness', 'bereavement', 'transport', 'our_mistake', 'goodwill', 'other')"


def _changed_texts(connection: BaseDatabaseWrapper) -> Iterator[dict[str, Any]]:
    # Not every database that we run on can hash.
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, appointment_id, text, sha256 FROM policies_agreement ORDER BY id")
        while rows := cursor.fetchmany(500):
            for pk, appointment, text, sha256 in rows:
                if hashlib.sha256(text.encode()).hexdigest() != sha256:
                    yield {"id": pk, "appointment_id": appointment, "sha256": sha256}


INVARIANTS = [
    Asked(
        "agreement_hash",
        "the text of an agreement is the one whose SHA-256 was stored with it",
        _changed_texts,
    ),
    Invariant(
        "agreement_version",
        "an appointment has one agreement, to its own policy version",
        "SELECT g.id, g.appointment_id, g.policy_version_id, a.policy_version_id AS of_appointment"
        " FROM policies_agreement g LEFT JOIN booking_appointment a ON a.id = g.appointment_id"
        " WHERE a.id IS NULL OR a.policy_version_id <> g.policy_version_id OR EXISTS (SELECT 1"
        " FROM policies_agreement o WHERE o.appointment_id = g.appointment_id AND o.id <> g.id)",
    ),
    Invariant(
        "policy_versions",
        "the versions of a policy are numbered from 1 without a gap, each once, and there is one at least",
        "SELECT p.id, count(v.id) AS versions, max(v.number) AS last FROM policies_policy p"
        " LEFT JOIN policies_policyversion v ON v.policy_id = p.id GROUP BY p.id"
        " HAVING count(v.id) = 0 OR count(DISTINCT v.number) <> count(v.id)"
        " OR max(v.number) <> count(v.id) OR min(v.number) <> 1",
    ),
    Invariant(
        "policy_names",
        "a provider has each policy name once",
        "SELECT provider_id, name, count(*) AS times FROM policies_policy"
        " GROUP BY provider_id, name HAVING count(*) > 1",
    ),
    Invariant(
        "exceptions",
        "an exception has a reason of ours, an amount that is not negative and a lapse of its own appointment",
        "SELECT e.id, e.reason, e.amount, e.appointment_id, l.appointment_id AS of_lapse"
        " FROM policies_policyexception e LEFT JOIN booking_lapse l ON l.id = e.lapse_id"
        f" WHERE e.amount < 0 OR e.reason NOT IN {REASONS}"
        " OR (e.lapse_id IS NOT NULL AND (l.id IS NULL OR l.appointment_id <> e.appointment_id))",
    ),
    Invariant(
        "erased_from_terms",
        "of a client who was erased no address of a machine and no note on an exception is there",
        "SELECT 'agreement' AS kind, g.id FROM policies_agreement g"
        " JOIN booking_appointment a ON a.id = g.appointment_id JOIN booking_client c ON c.id = a.client_id"
        " WHERE c.erased_at IS NOT NULL AND (g.ip_address IS NOT NULL OR g.user_agent <> '')"
        " UNION ALL SELECT 'exception', e.id FROM policies_policyexception e"
        " JOIN booking_appointment a ON a.id = e.appointment_id JOIN booking_client c ON c.id = a.client_id"
        " WHERE c.erased_at IS NOT NULL AND e.at <= c.erased_at AND e.note <> ''",
    ),
]
