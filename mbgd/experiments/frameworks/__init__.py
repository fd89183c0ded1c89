"""The same training by this engine and by frameworks, and the record of such a comparison."""
