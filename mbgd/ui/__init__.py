"""The app around the engine: a kit for any page, the frame around every page, and a room per page.

Only here is Streamlit imported.

A page needs one call, `open_page`, and stands alone: whichever page is opened first on a fresh server, it finds
all it needs.
"""
