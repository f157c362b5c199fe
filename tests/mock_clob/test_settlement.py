"""Trades on the chain: what py-clob-client is told, what web3 reads, what the ledger knows."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams, OrderArgs, OrderType
from py_clob_client.order_builder.constants import BUY, SELL
from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware

from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.ledger import COLLATERAL, Ledger
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
C = CONTRACTS[137]
ERC20: Any = [
    {
        "name": "balanceOf",
        "type": "function",
        "stateMutability": "view",
        "inputs": [{"name": "account", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    },
    {
        "name": "approve",
        "type": "function",
        "stateMutability": "nonpayable",
        "inputs": [{"name": "s", "type": "address"}, {"name": "a", "type": "uint256"}],
        "outputs": [{"name": "", "type": "bool"}],
    },
    {
        "name": "transfer",
        "type": "function",
        "stateMutability": "nonpayable",
        "inputs": [{"name": "to", "type": "address"}, {"name": "a", "type": "uint256"}],
        "outputs": [{"name": "", "type": "bool"}],
    },
]
ERC20.append(
    {
        "name": "allowance",
        "type": "function",
        "stateMutability": "view",
        "inputs": [{"name": "o", "type": "address"}, {"name": "s", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    }
)
ERC1155: Any = [
    {
        "name": "balanceOf",
        "type": "function",
        "stateMutability": "view",
        "inputs": [{"name": "o", "type": "address"}, {"name": "id", "type": "uint256"}],
        "outputs": [{"name": "", "type": "uint256"}],
    }
]

PAYOUTS: Any = [
    {
        "name": "payoutNumerators",
        "type": "function",
        "stateMutability": "view",
        "inputs": [{"name": "c", "type": "bytes32"}, {"name": "i", "type": "uint256"}],
        "outputs": [{"name": "", "type": "uint256"}],
    }
]


@pytest.fixture
def venue_1(mock_clob: MockClob) -> MockClob:
    """With the chain: trades settle on it."""
    mock_clob.reset(exchange=1)
    return mock_clob


@pytest.fixture
def w3(venue_1: MockClob) -> Web3:
    connected = Web3(Web3.HTTPProvider(venue_1.rpc_url))
    connected.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return connected


def _balances(ledger: Ledger, owner: str, assets: tuple[str, ...]) -> dict[str, int]:
    return {asset: ledger.balance(owner, asset) for asset in assets}


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def usdc(w3: Web3, index: int) -> int:
    token = w3.eth.contract(Web3.to_checksum_address(C.usdc_e), abi=ERC20)
    return int(token.functions.balanceOf(ACCOUNTS[index].address).call())


def shares(w3: Web3, index: int, token_id: str) -> int:
    ctf = w3.eth.contract(Web3.to_checksum_address(C.ctf), abi=ERC1155)
    return int(ctf.functions.balanceOf(ACCOUNTS[index].address, int(token_id)).call())


def place(client: ClobClient, token: str, side: str, price: float, size: float) -> Any:
    return client.post_order(
        client.create_order(OrderArgs(token_id=token, price=price, size=size, side=side))
    )


def send(w3: Web3, index: int, call: Any) -> Any:
    """A transaction of a user's own, signed and sent by web3."""
    account = w3.eth.account.from_key(ACCOUNTS[index].key)
    nonce = w3.eth.get_transaction_count(account.address)
    unsigned = call.build_transaction({"from": account.address, "nonce": nonce})
    sent = w3.eth.send_raw_transaction(account.sign_transaction(unsigned).raw_transaction)
    return w3.eth.wait_for_transaction_receipt(sent)


def test_chain_and_ledger_start_with_the_same_balances(venue_1: MockClob, w3: Web3) -> None:
    for index in range(9):
        owner = ACCOUNTS[index].address.lower()
        assets = (COLLATERAL, YES, NO)
        ledger = venue_1.venue.ledger
        known = venue_1.call(partial(_balances, ledger, owner, assets))
        read = {
            COLLATERAL: usdc(w3, index),
            YES: shares(w3, index, YES),
            NO: shares(w3, index, NO),
        }
        assert known == read


def test_fill_is_on_the_chain_under_the_hash_that_the_reply_names(
    client_of: Callable[[int], ClobClient], w3: Web3
) -> None:
    reply = place(client_of(0), YES, BUY, 0.52, 10)
    receipt = w3.eth.get_transaction_receipt(reply["transactionsHashes"][0])
    assert receipt["status"] == 1
    assert usdc(w3, 0) == 10_000 * UNIT - 5_200_000
    assert shares(w3, 0, YES) == 110 * UNIT
    [trade] = client_of(0).get_trades()
    assert trade["status"] == "CONFIRMED"
    assert trade["transaction_hash"] == reply["transactionsHashes"][0]


def test_buying_both_outcomes_mints_a_pair(
    client_of: Callable[[int], ClobClient], w3: Web3
) -> None:
    place(client_of(1), YES, BUY, 0.50, 20)
    place(client_of(2), NO, BUY, 0.50, 20)
    assert shares(w3, 1, YES) == shares(w3, 2, NO) == 20 * UNIT
    assert usdc(w3, 1) == usdc(w3, 2) == 9_990 * UNIT


def test_selling_both_outcomes_merges_a_pair(
    client_of: Callable[[int], ClobClient], w3: Web3
) -> None:
    place(client_of(1), NO, BUY, 0.50, 10)
    place(client_of(2), YES, BUY, 0.50, 10)
    place(client_of(1), NO, SELL, 0.50, 10)
    place(client_of(2), YES, SELL, 0.50, 10)
    assert shares(w3, 1, NO) == shares(w3, 2, YES) == 0
    assert usdc(w3, 1) == usdc(w3, 2) == 10_000 * UNIT


def test_trade_fails_when_the_money_left_the_wallet_meanwhile(
    client_of: Callable[[int], ClobClient], w3: Web3, venue_1: MockClob
) -> None:
    seller = client_of(0)
    place(client_of(1), YES, BUY, 0.51, 10)
    token = w3.eth.contract(Web3.to_checksum_address(C.usdc_e), abi=ERC20)
    send(w3, 1, token.functions.transfer(ACCOUNTS[3].address, usdc(w3, 1)))
    place(seller, YES, SELL, 0.51, 10)
    assert [trade["status"] for trade in seller.get_trades()] == ["FAILED"]
    assert shares(w3, 0, YES) == 100 * UNIT
    assert (
        venue_1.call(lambda: venue_1.venue.ledger.available(ACCOUNTS[0].address.lower(), YES))
        == 100 * UNIT
    )


def test_own_transactions_are_seen_after_an_update(
    client_of: Callable[[int], ClobClient], w3: Web3
) -> None:
    client = client_of(1)
    collateral = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)
    token = w3.eth.contract(Web3.to_checksum_address(C.usdc_e), abi=ERC20)
    send(w3, 1, token.functions.approve(Web3.to_checksum_address(C.exchange_v1), 7))
    assert client.get_balance_allowance(collateral)["allowances"][C.exchange_v1] != "7"
    client.update_balance_allowance(collateral)
    assert client.get_balance_allowance(collateral)["allowances"][C.exchange_v1] == "7"
    order = client.create_order(OrderArgs(token_id=YES, price=0.4, size=10, side=BUY))
    with pytest.raises(Exception, match="the allowance is not enough"):
        client.post_order(order, OrderType.GTC)


def test_limited_allowance_is_used_up_by_settlements_on_chain_and_at_the_venue(
    client_of: Callable[[int], ClobClient], w3: Web3
) -> None:
    client = client_of(1)
    collateral = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)
    token = w3.eth.contract(Web3.to_checksum_address(C.usdc_e), abi=ERC20)
    exchange = Web3.to_checksum_address(C.exchange_v1)
    send(w3, 1, token.functions.approve(exchange, 10 * UNIT))
    client.update_balance_allowance(collateral)
    place(client, YES, BUY, 0.52, 10)
    known = client.get_balance_allowance(collateral)["allowances"][C.exchange_v1]
    assert known == str(token.functions.allowance(ACCOUNTS[1].address, exchange).call())
    assert known == "4800000"
    with pytest.raises(Exception, match="allowance: 4800000, sum of matched orders: 0"):
        place(client, YES, BUY, 0.52, 10)


def test_newest_orders_go_when_the_money_left_the_wallet(
    client_of: Callable[[int], ClobClient], w3: Web3
) -> None:
    client = client_of(1)
    old = place(client, YES, BUY, 0.40, 10)["orderID"]
    place(client, YES, BUY, 0.41, 10)
    token = w3.eth.contract(Web3.to_checksum_address(C.usdc_e), abi=ERC20)
    send(w3, 1, token.functions.transfer(ACCOUNTS[3].address, usdc(w3, 1) - 5 * UNIT))
    client.update_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))
    assert [order["id"] for order in client.get_orders()] == [old]


def test_resolved_market_pays_on_the_chain(
    client_of: Callable[[int], ClobClient], w3: Web3, venue_1: MockClob
) -> None:
    client = client_of(1)
    fine = next(m for m in client.get_markets()["data"] if m["market_slug"] == "fine-tick")
    place(client, fine["tokens"][0]["token_id"], BUY, 0.4, 10)
    resting = place(client, fine["tokens"][0]["token_id"], BUY, 0.1, 10)["orderID"]
    venue, before = venue_1.venue, w3.eth.block_number

    def resolve() -> None:
        market = venue.engine.markets[fine["condition_id"]]
        venue.engine.resolve(market, "Yes", venue.clock.now_ms())
        venue.publish()

    venue_1.call(resolve)
    assert client.get_order(resting) is None
    market = client.get_market(fine["condition_id"])
    assert (market["closed"], market["accepting_orders"]) == (True, False)
    assert [token["winner"] for token in market["tokens"]] == [True, False]
    wait_until(lambda: w3.eth.block_number > before)
    payouts = w3.eth.contract(Web3.to_checksum_address(C.ctf), abi=PAYOUTS).functions
    condition = bytes.fromhex(fine["condition_id"][2:])
    assert [payouts.payoutNumerators(condition, index).call() for index in (0, 1)] == [1, 0]


def test_failed_and_retried_settlements_go_through_their_statuses(
    client_of: Callable[[int], ClobClient], venue_1: MockClob
) -> None:
    seen: list[str] = []
    engine = venue_1.venue.engine
    moved = engine.set_trade_status

    def watch(trade: Any, status: Any, *rest: Any) -> None:
        seen.append(status.value)
        moved(trade, status, *rest)

    engine.set_trade_status = watch  # type: ignore[assignment, method-assign]
    venue_1.venue.settlement.retries = 1
    place(client_of(0), YES, BUY, 0.52, 10)
    venue_1.venue.settlement.failures = 1
    place(client_of(0), YES, BUY, 0.52, 10)
    assert seen == ["RETRYING", "MINED", "CONFIRMED", "FAILED"]


def test_manual_settlement_leaves_trades_matched(
    client_of: Callable[[int], ClobClient], venue_1: MockClob
) -> None:
    venue_1.venue.settlement.mode = "manual"
    client = client_of(0)
    reply = place(client, YES, BUY, 0.52, 10)
    assert reply["status"] == "matched"
    assert [trade["status"] for trade in client.get_trades()] == ["MATCHED"]


def test_venue_without_a_chain_says_so_over_rpc(venue_1: MockClob) -> None:
    venue_1.reset(exchange=1, chain=False)
    with pytest.raises(Exception, match="without a chain"):
        _ = Web3(Web3.HTTPProvider(venue_1.rpc_url)).eth.chain_id
