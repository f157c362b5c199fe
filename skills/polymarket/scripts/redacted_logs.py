"""Logs that cannot hold a secret: known values are blanked in the finished line, tracebacks too."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable
from typing import TextIO

SECRET_VARIABLES = ("POLYMARKET_PRIVATE_KEY", "POLYGON_RPC_URL")  # a node's URL holds its key
LEAST_LENGTH = 8  # shorter values would blank half of every line


class RedactingFormatter(logging.Formatter):
    """Blanks `secrets` wherever they stand, in messages, arguments and exceptions alike."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        forms = {form for secret in secrets for form in (secret, secret.removeprefix("0x"))}
        found = sorted((re.escape(s) for s in forms if len(s) >= LEAST_LENGTH), key=len)
        # The longest first, or a part of a secret would be left beside the blank.
        self._secrets = re.compile("|".join(reversed(found)) or r"(?!)", re.IGNORECASE)

    def format(self, record: logging.LogRecord) -> str:
        return self._secrets.sub("[redacted]", super().format(record))


def log_to(stream: TextIO = sys.stderr, *secrets: str, level: int = logging.INFO) -> None:
    """Send every log to `stream`, without `secrets` and the values of SECRET_VARIABLES.

    Replaces the handlers that the root logger had.
    """
    handler = logging.StreamHandler(stream)
    hidden = [os.environ.get(name, "") for name in SECRET_VARIABLES]
    handler.setFormatter(RedactingFormatter([*secrets, *hidden]))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO has a line for every request


if __name__ == "__main__":
    formatter = RedactingFormatter(["0x0123456789abcdef", "the-api-secret"])
    record = logging.makeLogRecord(
        {
            "name": "bot",
            "levelname": "INFO",
            "msg": "key 0x%s, THE-API-SECRET",
            "args": ("0123456789ABCDEF",),
        }
    )
    print(formatter.format(record).partition(" bot: ")[2])
