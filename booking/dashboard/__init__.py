"""The dashboard of a provider's day: today, calendar, appointments, clients."""
