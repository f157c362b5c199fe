"""`make demo`: the production patterns of the guides, live against the mocked venue."""
