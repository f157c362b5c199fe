"""The Polygon stand-in: an EVM with the venue's contracts at their published addresses."""
