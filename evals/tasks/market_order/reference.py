from market_order import buy
from secure_client import secure_client

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    bought = buy(client, YES, dollars="60", worst="0.52")
    print(bought.taking_amount, "shares for", bought.making_amount)
