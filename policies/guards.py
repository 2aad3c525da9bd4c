"""What was agreed stays as it was (see config/guards.py)."""

from config.guards import OF_APPOINTMENT, Guard, append_only, only_erased

GUARDS = [
    *append_only("policies_policyversion"),
    *append_only("policies_policyexception", blanked=("note",), client=OF_APPOINTMENT),
    # Erasing a person blanks the address and the user agent, never what was agreed.
    only_erased("agreement_from_where", "policies_agreement", ("ip_address", "user_agent"), OF_APPOINTMENT),
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
