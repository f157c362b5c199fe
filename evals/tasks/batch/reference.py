from batch_orders import ladder, post
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    orders = ladder(client, YES, ["0.30", "0.31", "0.32", "0.33", "0.34"], "10")
    print([leg.ok for leg in post(client, orders)])
