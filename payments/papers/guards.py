"""What the database keeps true of papers (see config/guards.py): numbers step by one, and what was
issued stays."""

from config.guards import OF_PAYMENT, Guard, only_erased

PRINTED = (
    "uid, provider_id, kind, year, serial, number, payment_id, refund_id, follows_id, amount, tax,"
    " tax_rate, currency, language, facts, issued_at"
)

GUARDS = [
    Guard(
        name="paper_stays",
        table="payments_paper",
        on=f"BEFORE UPDATE OF {PRINTED}",
        when="1 = 1",
    ),
    # Two clients may turn out to be one: a paper goes with the money that it is about, and says what it said.
    Guard(
        name="paper_follows_its_money",
        table="payments_paper",
        on="BEFORE UPDATE OF client_id",
        when=f"NEW.client_id <> {OF_PAYMENT}",
    ),
    # A person may be erased from it; the money may not.
    only_erased("paper_recipient_stays", "payments_paper", ("recipient",), "NEW.client_id"),
    Guard(name="paper_stays_delete", table="payments_paper", on="BEFORE DELETE", when="1 = 1"),
    Guard(
        name="paper_takes_next_number",
        table="payments_paper",
        on="BEFORE INSERT",
        when="NOT EXISTS (SELECT 1 FROM payments_paperseries s WHERE s.provider_id = NEW.provider_id"
        " AND s.kind = NEW.kind AND s.year = NEW.year AND s.last = NEW.serial)",
    ),
    Guard(
        name="paper_series_begins",
        table="payments_paperseries",
        on="BEFORE INSERT",
        when="NEW.last <> 0",
    ),
    Guard(
        name="paper_series_steps",
        table="payments_paperseries",
        on="BEFORE UPDATE",
        when="NEW.last <> OLD.last + 1 OR NEW.provider_id <> OLD.provider_id OR NEW.kind <> OLD.kind"
        " OR NEW.year <> OLD.year",
    ),
    Guard(name="paper_series_stays", table="payments_paperseries", on="BEFORE DELETE", when="1 = 1"),
]
