"""What stands around every page: its title and look, the menu and the sidebar."""
