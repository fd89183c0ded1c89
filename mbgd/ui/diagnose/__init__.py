"""What the page Diagnose says."""
