# Below every limit per IP address, but the signer has a bucket of its own.
from rate_limiter import RateLimiter
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
limiter = RateLimiter(5_000, 10.0, also=[(120_000, 600.0)])

with secure_client() as client:
    signed = [
        client.create_limit_order(token_id=YES, price="0.10", size="5", side="BUY")
        for _ in range(90)
    ]
    for order in signed:
        limiter.wait_if_needed()
        client.post_order(order)
