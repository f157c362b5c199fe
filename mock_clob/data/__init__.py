"""The Data API, derived from the same state that the CLOB trades on."""
