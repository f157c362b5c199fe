"""The CLOB's REST interface, a file for each group of routes."""
