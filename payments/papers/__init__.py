"""Papers: receipts, credit notes and statements, and the PDF that they are printed on."""

from payments.papers.issuing import follow, issue_missing, receipt, tax_ahead, undone

__all__ = ["follow", "issue_missing", "receipt", "tax_ahead", "undone"]
