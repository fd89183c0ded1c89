"""A run as a record: what it followed from, how its losses went, and its weights; kept, written and read again."""
