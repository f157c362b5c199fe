"""Tell what an exception of py-clob-client means, from its type, status and body."""

from __future__ import annotations

import httpx
from failure import Failure, Kind, kind_of
from py_clob_client.client import ClobClient
from py_clob_client.exceptions import PolyApiException, PolyException
from py_order_utils.builders.exception import ValidationException

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def classify(error: Exception) -> Failure:
    """Never by the printed form: a status may also stand in an id."""
    if not isinstance(error, PolyApiException):
        local = type(error) in (Exception, PolyException, ValueError, ValidationException)
        kind = Kind.NOT_SENT if local else Kind.UNKNOWN
        return Failure(kind, str(error) or repr(error), error=error)
    status, body = error.status_code, error.error_msg
    if status is None:  # no reply; httpx's own error is the context
        reason = error.__context__
        kind = Kind.UNAVAILABLE if isinstance(reason, _NEVER_SENT) else Kind.UNKNOWN
        return Failure(kind, repr(reason), error=error)
    said = str(body.get("error", body) if isinstance(body, dict) else body)
    wait = error.args[0].headers.get("Retry-After", "")  # args keep the response
    seconds = float(wait) if wait.isdecimal() else 0.0
    text = said if isinstance(body, dict) else f"HTTP {status}: {said[:40]!r}"
    return Failure(kind_of(said, status), text, seconds, error)


if __name__ == "__main__":
    client = ClobClient("https://clob.polymarket.com")
    for call in (lambda: client.get_order_book("1"), client.get_orders):
        try:
            call()
        except Exception as error:
            failure = classify(error)
            print(f"{failure.kind}: {failure.text}")
