from journaled_orders import JournaledOrders
from order_journal import OrderJournal
from secure_client import secure_client
from secure_gateway import SecureGateway
from shutdown import shut_down, stop_on_signals

YES = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

with secure_client() as client, stop_on_signals() as stop:
    gateway = SecureGateway(client)
    orders = JournaledOrders(gateway, OrderJournal("orders.sqlite"))
    orders.settle()
    orders.place(client.create_limit_order(token_id=YES, side="BUY", price="0.40", size="10"))
    stop.wait()
    shut_down(gateway, orders)
