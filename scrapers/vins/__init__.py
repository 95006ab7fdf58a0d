"""What a VIN says of its car, by NHTSA's data, and what to make of it beside the page."""
