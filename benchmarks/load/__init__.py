"""Many learners at once on one server, without a browser: see benchmarks/load/__main__.py."""
