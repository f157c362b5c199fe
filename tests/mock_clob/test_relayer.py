"""Gasless wallets end to end: polymarket-client, the relayer, the wallets' contracts, the CLOB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import httpx
import pytest
from eth_typing import Address
from polymarket import BuilderApiKey
from polymarket._internal.actions.relayer.calls import erc20_transfer_call
from polymarket.errors import RequestRejectedError, TransactionFailedError, UserInputError
from polymarket.types import EvmAddress

from mock_clob.chain.artefacts import raw
from mock_clob.derivation import deposit_wallet, legacy_deposit_wallet, proxy_wallet, safe_wallet
from mock_clob.model import UNIT
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED, NEWCOMER
from tests.mock_clob.gasless import (
    ALICE,
    BOB,
    EVERY_WALLET,
    RELAYER,
    C,
    Connect,
    connecting,
    headers,
    on_chain,
    refresh,
)

YES = DOCUMENTED.token_ids[0]


@pytest.fixture
def connect(mock_clob: MockClob) -> Iterator[Connect]:
    yield from connecting(mock_clob)


# Deployment


def test_client_without_a_wallet_trades_for_its_deposit_wallet(connect: Connect) -> None:
    client = connect()

    assert (client.wallet, client.wallet_type) == (deposit_wallet(ALICE.address), "DEPOSIT_WALLET")
    assert client.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY").ok


def test_newcomer_gets_a_deposit_wallet_approves_and_trades(
    mock_clob: MockClob, connect: Connect
) -> None:
    wallet = deposit_wallet(NEWCOMER.address)
    chain = mock_clob.venue.chain
    assert chain is not None
    place = Address(raw(wallet))
    assert not chain.state().get_code(place)

    client = connect(NEWCOMER)

    assert chain.state().get_code(place)
    assert client.wallet == wallet
    client.setup_trading_approvals()
    # The CLOB has not seen the approvals: it refuses, the client has it look again, it takes.
    order = client.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY")
    assert order.status == "live"


def test_newcomer_without_a_relayer_key_is_told_so(connect: Connect) -> None:
    with pytest.raises(UserInputError, match="require a Builder API Key or Relayer API Key"):
        connect(NEWCOMER, api_key=None)


@pytest.mark.parametrize("wallet", [proxy_wallet, safe_wallet, legacy_deposit_wallet])
def test_wallet_that_is_not_deployed_is_not_there(
    connect: Connect, wallet: Callable[[str], str]
) -> None:
    with pytest.raises(UserInputError, match="does not"):
        connect(NEWCOMER, wallet(NEWCOMER.address))


def test_second_deployment_is_refused(connect: Connect) -> None:
    connect()
    body = {"type": "WALLET-CREATE", "from": ALICE.address, "to": FACTORY, "metadata": ""}

    refused = httpx.post(f"{RELAYER}/submit", json=body, headers=headers())

    assert (refused.status_code, "is deployed already" in refused.text) == (400, True)


FACTORY = "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"


# What wallets do


@pytest.mark.parametrize("wallet", EVERY_WALLET)
def test_transfer_moves_what_the_wallet_holds(
    mock_clob: MockClob, connect: Connect, wallet: Callable[[str], str]
) -> None:
    client = connect(ALICE, wallet(ALICE.address))
    before = on_chain(mock_clob, client.wallet), on_chain(mock_clob, BOB.address)

    done = client.transfer_erc20(
        token_address=C.pusd, recipient_address=BOB.address, amount=7 * UNIT
    ).wait()

    after = on_chain(mock_clob, client.wallet), on_chain(mock_clob, BOB.address)
    assert (after[0] - before[0], after[1] - before[1]) == (-7 * UNIT, 7 * UNIT)
    chain = mock_clob.venue.chain
    assert chain is not None
    assert chain.receipt(bytes.fromhex(done.transaction_hash[2:])) is not None


@pytest.mark.parametrize("wallet", EVERY_WALLET)
def test_calls_of_one_transaction_run_in_order_and_fail_together(
    mock_clob: MockClob, connect: Connect, wallet: Callable[[str], str]
) -> None:
    client = connect(ALICE, wallet(ALICE.address))
    give, too_much = (
        erc20_transfer_call(
            token_address=EvmAddress(C.pusd), recipient=EvmAddress(BOB.address), amount=amount
        )
        for amount in (UNIT, 10**15)
    )
    before = on_chain(mock_clob, BOB.address)

    client.execute_transaction(calls=[give, give]).wait()
    assert on_chain(mock_clob, BOB.address) == before + 2 * UNIT

    with pytest.raises((TransactionFailedError, RequestRejectedError), match="exceeds balance"):
        client.execute_transaction(calls=[give, too_much]).wait()
    # An EOA sends its calls one by one: the first has gone through.
    assert on_chain(mock_clob, BOB.address) == before + (3 if wallet is str else 2) * UNIT


@pytest.mark.parametrize("wallet", EVERY_WALLET)
def test_trading_approvals_are_complete_after_setup(
    mock_clob: MockClob, connect: Connect, wallet: Callable[[str], str]
) -> None:
    client = connect(ALICE, wallet(ALICE.address))
    client.approve_erc20(token_address=C.pusd, spender_address=C.exchange_v2, amount=0).wait()

    client.setup_trading_approvals()

    chain = mock_clob.venue.chain
    assert chain is not None
    assert chain.allowance(C.pusd, client.wallet, C.exchange_v2) == 2**256 - 1
    assert chain.approved_for_all(client.wallet, "0xa1200000d0002264C9a1698e001292D00E1b00af")
    height = chain.block_number
    client.setup_trading_approvals()  # nothing is missing: nothing is sent
    assert chain.block_number == height


@pytest.mark.parametrize("wallet", EVERY_WALLET)
def test_clob_sees_an_allowance_after_an_update(
    mock_clob: MockClob, connect: Connect, wallet: Callable[[str], str]
) -> None:
    client = connect(ALICE, wallet(ALICE.address))
    spender = C.exchange_v2
    client.approve_erc20(token_address=C.pusd, spender_address=spender, amount=3 * UNIT).wait()

    def seen() -> int:
        told = client.get_balance_allowance(asset_type="COLLATERAL").allowances
        return int({key.lower(): value for key, value in told.items()}[spender.lower()])

    assert seen() > 3 * UNIT
    refresh(client)
    assert seen() == 3 * UNIT


def test_order_beyond_the_allowance_is_approved_by_the_client_and_placed(
    mock_clob: MockClob, connect: Connect
) -> None:
    client = connect()
    client.approve_erc20(
        token_address=C.pusd, spender_address=C.exchange_v2, amount=3 * UNIT
    ).wait()
    wallet = client.wallet.lower()

    def limit() -> None:
        mock_clob.venue.ledger.allow(wallet, C.exchange_v2, "COLLATERAL", 3 * UNIT)

    mock_clob.call(limit)

    assert client.place_limit_order(token_id=YES, price="0.40", size="10", side="BUY").ok
    chain = mock_clob.venue.chain
    assert chain is not None
    assert chain.allowance(C.pusd, client.wallet, C.exchange_v2) == 2**256 - 1


@pytest.mark.parametrize("wallet", EVERY_WALLET)
def test_fill_of_a_wallet_settles_on_the_chain(
    mock_clob: MockClob, connect: Connect, wallet: Callable[[str], str]
) -> None:
    client = connect(ALICE, wallet(ALICE.address))
    before = on_chain(mock_clob, client.wallet)

    filled = client.place_market_order(token_id=YES, amount="5", side="BUY")
    [transaction] = client.wait_for_order_fill_settlement(filled)

    assert transaction.startswith("0x")
    assert on_chain(mock_clob, client.wallet) == before - 5 * UNIT
    chain = mock_clob.venue.chain
    assert chain is not None
    held = chain.position_balance(client.wallet, int(YES)) - 100 * UNIT * (wallet is str)
    assert Decimal(held) / UNIT == filled.taking_amount


def test_fill_lowers_a_limited_allowance_on_the_chain_and_at_the_clob(
    mock_clob: MockClob, connect: Connect
) -> None:
    client = connect()
    client.approve_erc20(
        token_address=C.pusd, spender_address=C.exchange_v2, amount=8 * UNIT
    ).wait()
    refresh(client)

    filled = client.place_market_order(token_id=YES, amount="5", side="BUY")
    client.wait_for_order_fill_settlement(filled)

    chain = mock_clob.venue.chain
    assert chain is not None
    assert chain.allowance(C.pusd, client.wallet, C.exchange_v2) == 3 * UNIT
    told = client.get_balance_allowance(asset_type="COLLATERAL").allowances
    assert told[C.exchange_v2] == 3 * UNIT


def test_builder_key_serves_other_accounts(connect: Connect) -> None:
    builder: BuilderApiKey = connect(BOB, BOB.address).create_builder_api_key()
    client = connect(ALICE, api_key=builder)

    client.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=1).wait()
