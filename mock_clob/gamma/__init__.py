"""The Gamma API: markets and events as they are described and found."""
