"""The old bot at the venue of today, on exchange 2: it reads and authenticates, no more."""

from old_bot import old_bot
from py_clob_client.exceptions import PolyApiException

if __name__ == "__main__":
    try:
        old_bot()
    except PolyApiException as error:
        print(error.status_code, error.error_msg)
