import sys

from journaled_orders import JournaledOrders
from order_journal import OrderJournal
from secure_client import secure_client
from secure_gateway import SecureGateway

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client:
    journal = OrderJournal("orders.sqlite")
    orders = JournaledOrders(SecureGateway(client), journal, seconds=60.0)
    signed = client.create_limit_order(token_id=YES, side="BUY", price="0.40", size="20")
    sys.exit(orders.place(signed).state != "placed")
