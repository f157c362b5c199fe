"""What `make site` and `make drift` run."""
