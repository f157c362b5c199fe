"""What wallets do on the chain by themselves shows on the Data API: split, merge, redeem, send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from polymarket import PublicClient
from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware, SignAndSendRawMiddlewareBuilder

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.artefacts import artefact
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.trade_on_2 import settle, trader

YES, NO = DOCUMENTED.token_ids
ALICE, BOB = ACCOUNTS[0].address, ACCOUNTS[1].address
ROOT = "0x" + "0" * 64
Act = Callable[..., str]


@pytest.fixture
def on_chain(mock_clob: MockClob) -> Any:
    """The venue of exchange 2 with its chain."""
    mock_clob.reset(exchange=2)
    return mock_clob


@pytest.fixture
def w3(on_chain: MockClob) -> Web3:
    """Sends for account 0."""
    w3 = Web3(Web3.HTTPProvider("https://polygon-rpc.com"))
    w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    signing: Any = SignAndSendRawMiddlewareBuilder.build(ACCOUNTS[0].key)
    w3.middleware_onion.inject(signing, layer=0)
    return w3


@pytest.fixture
def act(w3: Web3, on_chain: MockClob) -> Act:
    """Call a function of ConditionalTokens, or of another contract; the transaction's hash."""

    def call(name: str, *args: Any, at: str = "", of: str = "ConditionalTokens") -> str:
        address = at or on_chain.venue.contracts.ctf
        contract: Any = w3.eth.contract(Web3.to_checksum_address(address), abi=artefact(of).abi)
        sent = getattr(contract.functions, name)(*args).transact({"from": ALICE})
        assert w3.eth.wait_for_transaction_receipt(sent)["status"] == 1
        return str(sent.to_0x_hex())

    return call


def pair(venue: MockClob, name: str, act: Act, amount: int) -> str:
    usdc_e = venue.venue.contracts.usdc_e
    return act(name, usdc_e, ROOT, DOCUMENTED.condition_id, [1, 2], amount * UNIT)


def held(client: Any, user: str = ALICE) -> dict[str, int]:
    return {
        row.asset_id: int(row.current_size) for row in client.list_positions(user=user).iter_items()
    }


def kinds(client: Any, **asked: Any) -> list[tuple[str, int]]:
    rows = client.list_activity(user=ALICE, **asked).iter_items()
    return [(str(row.type), int(getattr(row, "amount", 0))) for row in rows]


def allow(venue: MockClob, act: Act) -> None:
    contracts = venue.venue.contracts
    act("approve", contracts.ctf, 10**12, at=contracts.usdc_e, of="Usdc")


def test_split_and_merge_show_as_such(on_chain: MockClob, act: Act) -> None:
    allow(on_chain, act)
    split = pair(on_chain, "splitPosition", act, 30)
    merge = pair(on_chain, "mergePositions", act, 50)
    client: Any
    with PublicClient() as client:
        assert kinds(client) == [("MERGE", 50), ("SPLIT", 30), ("SPLIT", 100)]
        rows = list(client.list_activity(user=ALICE).iter_items())
        assert [row.transaction_hash for row in rows[:2]] == [merge, split]
        assert held(client) == {YES: 80, NO: 80}
        [yes, no] = client.list_positions(user=ALICE).iter_items()
        assert yes.realized_pnl == no.realized_pnl == 0


def test_redemption_pays_the_winner_and_closes_both(on_chain: MockClob, act: Act) -> None:
    venue = on_chain.venue
    on_chain.resolve(YES, "Yes")
    chain = venue.chain
    assert chain is not None
    client: Any
    with PublicClient() as client:
        [resolution] = client.get_resolutions(condition_ids=DOCUMENTED.condition_id)
        assert resolution.payouts == (1, 0)
        reported = chain.receipt(bytes.fromhex(resolution.transaction_hash[2:]))
        assert reported is not None
        [log] = reported[1].logs
        assert log.topics[1] == bytes.fromhex(DOCUMENTED.condition_id[2:])
        assert len(list(client.list_positions(user=ALICE, status="REDEEMABLE").iter_items())) == 2
        usdc_e = venue.contracts.usdc_e
        act("redeemPositions", usdc_e, ROOT, DOCUMENTED.condition_id, [1, 2])
        assert kinds(client, activity_types=["REDEEM"]) == [("REDEEM", 100)]
        assert held(client) == {}
        winner, loser = client.list_positions(
            user=ALICE, status="CLOSED", sort_by="REALIZED_PNL"
        ).iter_items()
        assert (winner.realized_pnl, loser.realized_pnl) == (50, -50)


def test_sent_shares_move_positions_and_are_no_activity(on_chain: MockClob, act: Act) -> None:
    act("safeTransferFrom", ALICE, BOB, int(YES), 25 * UNIT, b"")
    client: Any
    with PublicClient() as client:
        assert held(client) == {YES: 75, NO: 100}
        assert held(client, BOB) == {YES: 25}
        assert kinds(client) == [("SPLIT", 100)]


def test_settled_trade_has_its_transaction_and_its_blocks_time(on_chain: MockClob) -> None:
    with trader(1) as bob:
        settle(bob, bob.place_market_order(token_id=YES, amount="5.2", side="BUY"))
    chain = on_chain.venue.chain
    assert chain is not None
    client: Any
    with PublicClient() as client:
        [trade] = client.list_trades(user=BOB).iter_items()
        found = chain.receipt(bytes.fromhex(trade.transaction_hash[2:]))
        assert found is not None
        assert trade.timestamp.timestamp() == found[0].header.timestamp
        assert held(client, BOB) == {YES: 10}
        [activity] = client.list_activity(user=BOB).iter_items()
        assert activity.type == "TRADE"


def test_reorganised_block_takes_its_activity_along(on_chain: MockClob, act: Act, w3: Web3) -> None:
    allow(on_chain, act)
    node: Any = w3.provider
    snapshot = node.make_request("evm_snapshot", [])["result"]
    pair(on_chain, "splitPosition", act, 30)
    client: Any
    with PublicClient() as client:
        assert held(client)[YES] == 130
        node.make_request("evm_revert", [snapshot])
        assert held(client)[YES] == 100


def test_money_that_comes_and_goes_is_told_when_asked(on_chain: MockClob, act: Act) -> None:
    venue, chain = on_chain.venue, on_chain.venue.chain
    assert chain is not None
    pusd = venue.contracts.pusd
    venue._chain_thread.submit(chain.deposit, pusd, ALICE, 40 * UNIT).result()
    act("transfer", BOB, 15 * UNIT, at=pusd, of="Pusd")
    client: Any
    with PublicClient() as client:
        assert kinds(client) == [("DEPOSIT", 40), ("SPLIT", 100)]
        assert kinds(client, activity_types=["TIP"]) == [("TIP", 15)]
        [tip] = client.list_activity(user=BOB, activity_types=["TIP"]).iter_items()
        assert (tip.side, tip.amount) == ("IN", 15)


def test_approvals_are_those_of_the_chain(on_chain: MockClob, act: Act) -> None:
    contracts = on_chain.venue.contracts
    client: Any
    with PublicClient() as client:
        before = client.get_trading_approvals_state(wallet=ALICE).missing
        assert contracts.exchange_v2 not in [each.spender for each in before.erc20]
        act("approve", contracts.exchange_v2, 5, at=contracts.pusd, of="Pusd")
        act("setApprovalForAll", contracts.exchange_v2, False)
        after = client.get_trading_approvals_state(wallet=ALICE).missing
        assert contracts.exchange_v2 in [each.spender for each in after.erc20]
        assert contracts.exchange_v2 in [each.operator for each in after.erc1155]
