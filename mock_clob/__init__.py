"""A mocked Polymarket venue: CLOB, WebSocket channels, data hosts and a Polygon chain on loopback."""
