import os
from multiprocessing import get_context

from polymarket import PublicClient
from shared_rate_limiter import SharedRateLimiter

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def work(_: int) -> None:
    limiter = SharedRateLimiter(os.environ["REDIS_URL"], "eval GET /book", 6, 1.0, guard=0.3)
    with PublicClient() as client:
        for _ in range(12):
            limiter.wait_if_needed()
            client.get_order_book(token_id=YES)


if __name__ == "__main__":
    with get_context("spawn").Pool(2) as pool:
        pool.map(work, range(2), chunksize=1)
