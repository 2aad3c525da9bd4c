"""The dashboard's room for money: deposits, what became of them, and the refund."""
