"""The app around the engine: menu, sidebar, live player, permalink, source panels. Only here is streamlit imported.

A page needs one call, `open_page`, and stands alone: whichever page is opened first on a fresh server, it finds
all it needs.
"""
