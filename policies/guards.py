"""What was agreed stays as it was (see config/guards.py)."""

from config.guards import Guard, append_only

GUARDS = [
    *append_only("policies_policyversion"),
    *append_only("policies_policyexception"),
    # Erasing a person may blank the address and the user agent, never what was agreed.
    Guard(
        name="agreement_stays",
        table="policies_agreement",
        on="BEFORE UPDATE OF appointment_id, policy_version_id, text, sha256, language, agreed_at",
        when="1 = 1",
    ),
    Guard(
        name="agreement_stays_delete",
        table="policies_agreement",
        on="BEFORE DELETE",
        when="1 = 1",
    ),
]
