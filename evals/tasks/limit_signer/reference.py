from limited_orders import limited_client, post_order

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with limited_client() as client:
    for _ in range(90):
        signed = client.create_limit_order(token_id=YES, price="0.10", size="5", side="BUY")
        post_order(client, signed)
