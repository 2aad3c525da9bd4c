"""Telling a provider's own programs what happens, as Standard Webhooks say: rows are staged with the fact, and sent,
signed and repeated by a sweep."""

EVENTS = (
    "appointment.held",
    "appointment.requested",
    "appointment.confirmed",
    "appointment.moved",
    "appointment.cancelled",
    "appointment.completed",
    "appointment.no_show",
    "appointment.excused",
    "deposit.paid",
    "deposit.refunded",
    "deposit.forfeited",
    "deposit.carried",
)
TEST = "webhook.test"
