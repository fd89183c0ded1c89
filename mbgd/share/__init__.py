"""Everything that leaves the app: the choices and their address. No Streamlit here."""
