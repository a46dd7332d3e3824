"""Typed views, one per kind of thing that is kept."""
