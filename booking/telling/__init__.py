"""What happened to an appointment, in words: to its client, to its provider, and on paper."""
