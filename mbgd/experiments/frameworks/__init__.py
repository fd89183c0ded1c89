"""The same training with this engine and with frameworks, and a recorded comparison."""
