"""A mocked Polymarket venue: CLOB, streams, data hosts and a Polygon chain on loopback."""
