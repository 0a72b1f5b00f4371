"""The explorer: one front end, as an offline page and as a widget for notebooks."""
