from journaled_orders import JournaledOrders
from order_journal import OrderJournal
from secure_client import secure_client
from secure_gateway import SecureGateway

with secure_client() as client:
    orders = JournaledOrders(SecureGateway(client), OrderJournal("orders.sqlite"))
    print([entry.state for entry in orders.settle()])
