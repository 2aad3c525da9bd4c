"""The rules about lateness and money, and the text that people read of them."""
