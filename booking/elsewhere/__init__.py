"""Busy time from the provider's other calendars: asked for by address, read apart, kept as rows that block.

looking    which calendars are due, what came of a look, and the rows
apart      the reading, in a process of its own with an end to time and memory
reading    from the bytes of an .ics to busy times; knows no Django
"""
