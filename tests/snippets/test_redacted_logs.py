"""No secret reaches a log, whatever way it takes there."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from redacted_logs import RedactingFormatter, log_to

KEY = "0x" + "ab12" * 16
SECRET = "c2VjcmV0LXNlY3JldA=="


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", KEY)
    monkeypatch.delenv("POLYGON_RPC_URL", raising=False)
    stream = io.StringIO()
    log_to(stream, SECRET)
    yield stream
    root.handlers[:], root.level = before


@pytest.mark.parametrize("secret", [KEY, KEY[2:], KEY.upper(), SECRET])
def test_a_secret_in_a_message_or_an_argument_is_blanked(log: io.StringIO, secret: str) -> None:
    logging.getLogger("bot").info("sent %s as %r", secret, {"key": secret})
    logging.getLogger("bot").warning(f"and {secret} again")
    assert secret not in log.getvalue()
    assert log.getvalue().count("[redacted]") == 3


def test_a_secret_in_a_traceback_is_blanked(log: io.StringIO) -> None:
    try:
        raise RuntimeError(f"https://node.example/{SECRET}")
    except RuntimeError:
        logging.getLogger("bot").exception("failed")
    assert SECRET not in log.getvalue()
    assert "RuntimeError: https://node.example/[redacted]" in log.getvalue()


def test_what_is_no_secret_stays(log: io.StringIO) -> None:
    logging.getLogger("bot").info("order 0x77 rests at %s", "0.47")
    assert "INFO bot: order 0x77 rests at 0.47" in log.getvalue()


def test_requests_are_not_logged_one_by_one(log: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET ...")
    assert log.getvalue() == ""


@pytest.mark.parametrize("secrets", [[], [""], ["short"]])
def test_nothing_is_blanked_for_secrets_that_are_none(secrets: list[str]) -> None:
    record = logging.makeLogRecord({"msg": "short words stay", "levelname": "INFO"})
    assert RedactingFormatter(secrets).format(record).endswith("short words stay")


def test_a_part_of_a_longer_secret_leaves_nothing_beside_the_blank() -> None:
    record = logging.makeLogRecord({"msg": "secret-secret-two", "levelname": "INFO"})
    shown = RedactingFormatter(["secret-secret", "secret-secret-two"]).format(record)
    assert shown.endswith(": [redacted]")
