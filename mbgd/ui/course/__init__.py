"""The page Course: its lessons, the two routes through them, and the glossary."""
