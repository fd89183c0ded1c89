"""Serving the app to a class: several server processes behind nginx."""
