"""Tell what an exception of py-clob-client means, from its type, status and body."""

from __future__ import annotations

import httpx
from failure import Failure, Kind
from py_clob_client.client import ClobClient
from py_clob_client.exceptions import PolyApiException, PolyException
from py_order_utils.builders.exception import ValidationException

_STATUSES = {401: Kind.AUTH, 408: Kind.UNKNOWN, 425: Kind.UNAVAILABLE, 429: Kind.RATE_LIMITED}
_MODES = ("post-only mode", "Trading is currently")  # the venue's own 503; a proxy's is UNKNOWN
_UNDECIDED = ("context canceled", "order match delayed", "order timed out")
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
    said = str(body.get("error", "")) if isinstance(body, dict) else ""
    if status in _STATUSES:
        kind = _STATUSES[status]
    elif status == 503 and said.startswith(_MODES):
        kind = Kind.UNAVAILABLE
    else:
        kind = kind_of(said) if 400 <= status < 500 else Kind.UNKNOWN
    wait = error.args[0].headers.get("Retry-After", "")  # args keep the response
    seconds = float(wait) if wait.isdecimal() else 0.0
    return Failure(kind, said or f"HTTP {status}: {str(body)[:40]!r}", seconds, error)


def kind_of(text: str) -> Kind:
    """What the venue's words say: the `error` of a 4xx body, the `errorMsg` of a 200."""
    if text.endswith("is invalid. Duplicated."):
        return Kind.DUPLICATE
    return Kind.UNKNOWN if any(words in text for words in _UNDECIDED) else Kind.REFUSED


if __name__ == "__main__":
    client = ClobClient("https://clob.polymarket.com")
    for call in (lambda: client.get_order_book("1"), client.get_orders):
        try:
            call()
        except Exception as error:
            failure = classify(error)
            print(f"{failure.kind}: {failure.text}")
