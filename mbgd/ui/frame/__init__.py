"""What surrounds every page: its title and style, the menu and the sidebar."""
