"""Documents as they come: their formats, what is wrong with a payload, their identifiers."""
