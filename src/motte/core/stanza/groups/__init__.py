"""Stanzas of groups: requests in the namespace `w:g2`, notifications of the type `w:gp2`."""
