"""What any page may use: it knows no lesson and no sidebar."""
