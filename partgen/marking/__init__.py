"""A part's own name in its surface: letters, where they go, cutting them, reading them again."""
