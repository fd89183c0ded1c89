"""Everything that leaves the app: the choices and their address. Nothing here needs Streamlit."""
