"""The start page: what of the door the person may open."""
