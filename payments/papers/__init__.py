"""Papers: receipts, credit notes and statements, and the PDF that they are printed on."""
