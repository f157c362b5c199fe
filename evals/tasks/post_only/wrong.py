# Reads the book, and trusts that it stays so.
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    book = client.get_order_book(token_id=YES)
    price = book.asks[-1].price - book.tick_size
    client.place_limit_order(token_id=YES, side="BUY", price=price, size=10)
