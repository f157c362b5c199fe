from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    ask = client.get_price(token_id=YES, side="SELL")
    client.place_market_order(
        token_id=YES, side="BUY", amount=10 * ask, max_price=ask, order_type="FOK"
    )
