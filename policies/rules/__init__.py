"""What the rules say, in pure Python: values in, decisions out. No Django, no database, no clock."""
