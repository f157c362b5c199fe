"""polymarket-client 0.14: wallets, the relayer and the chain, for a deposit wallet with its key."""

from __future__ import annotations

from typing import Any

from polymarket._internal.actions.relayer.calls import erc20_transfer_call
from polymarket.types import EvmAddress

from mock_clob.chain.evm import Chain
from mock_clob.contracts import CONTRACTS
from mock_clob.derivation import deposit_wallet
from mock_clob.model import UNIT, Market
from tests.mock_clob.every_method.world import ALICE, BOB, World, settled

C = CONTRACTS[137]


def _chain(w: World) -> Chain:
    chain = w.venue.venue.chain
    assert chain is not None
    return chain


def _dollars(w: World, wallet: str) -> int:
    return _chain(w).balance(C.pusd, wallet)


def _shares(w: World, token_id: str) -> int:
    return _chain(w).position_balance(w.alice.wallet, int(token_id))


def _market(w: World) -> Market:
    """An ordinary market whose token ids are those of its condition."""
    [found] = [m for m in w.venue.venue.engine.markets.values() if m.slug == "fine-tick"]
    return found


async def _sent(handle: Any) -> None:
    """The transaction of a handle, to its end."""
    outcome = await settled((await handle).wait())
    assert outcome.transaction_hash


async def _split(w: World, shares: int = 10) -> Market:
    market = _market(w)
    asked = w.alice.split_position(condition_id=market.condition_id, amount=shares * UNIT)
    await _sent(asked)
    return market


async def _with_builder(w: World) -> Any:
    made = await w.alice.create_builder_api_key()
    return await settled(w.kind.create(private_key=ALICE.key, api_key=made))


# Readiness


async def is_gasless_ready(w: World) -> None:
    assert await w.alice.is_gasless_ready() is True


async def setup_gasless_wallet(w: World) -> None:
    assert (await w.alice.setup_gasless_wallet()).wallet == w.alice.wallet


async def setup_trading_approvals(w: World) -> None:
    assert not (await w.alice.get_trading_approvals_state()).is_fully_approved
    await settled((await w.alice.setup_trading_approvals()).wait())
    assert (await w.alice.get_trading_approvals_state()).is_fully_approved


async def get_trading_approvals_state(w: World) -> None:
    """Alice's deposit wallet can trade; the EOA of a stranger has allowed nothing."""
    deposit = deposit_wallet(ALICE.address)
    known = await w.alice.get_trading_approvals_state(wallet=deposit)
    allowed = {approval.spender for approval in known.missing.erc20}
    assert C.exchange_v2 not in allowed
    fresh = await w.alice.get_trading_approvals_state(wallet="0x" + "11" * 20)
    assert (fresh.is_fully_approved, len(fresh.missing.erc20)) == (False, 7)


# Transactions


async def transfer_erc20(w: World) -> None:
    before = _dollars(w, BOB.address)
    await _sent(
        w.alice.transfer_erc20(token_address=C.pusd, recipient_address=BOB.address, amount=UNIT)
    )
    assert _dollars(w, BOB.address) - before == UNIT


async def approve_erc20(w: World) -> None:
    asked = w.alice.approve_erc20(token_address=C.pusd, spender_address=BOB.address, amount=UNIT)
    await _sent(asked)
    assert _chain(w).allowance(C.pusd, w.alice.wallet, BOB.address) == UNIT


async def approve_erc1155_for_all(w: World) -> None:
    asked = w.alice.approve_erc1155_for_all(token_address=C.ctf, operator_address=BOB.address)
    await _sent(asked)
    assert _chain(w).approved_for_all(w.alice.wallet, BOB.address)


async def execute_transaction(w: World) -> None:
    before = _dollars(w, BOB.address)
    call = erc20_transfer_call(
        token_address=EvmAddress(C.pusd), recipient=EvmAddress(BOB.address), amount=UNIT
    )
    await _sent(w.alice.execute_transaction(calls=[call, call]))
    assert _dollars(w, BOB.address) - before == 2 * UNIT


async def split_position(w: World) -> None:
    before = _dollars(w, w.alice.wallet)
    market = await _split(w)
    assert [_shares(w, token_id) for token_id in market.token_ids] == [10 * UNIT] * 2
    assert before - _dollars(w, w.alice.wallet) == 10 * UNIT


async def merge_positions(w: World) -> None:
    market = await _split(w)
    asked = w.alice.merge_positions(condition_id=market.condition_id, amount=4 * UNIT)
    await _sent(asked)
    assert [_shares(w, token_id) for token_id in market.token_ids] == [6 * UNIT] * 2


async def merge_multiple_positions(w: World) -> None:
    market = await _split(w)
    positions = [{"condition_id": market.condition_id, "amount": 4 * UNIT}]
    await _sent(w.alice.merge_multiple_positions(positions=positions))
    assert [_shares(w, token_id) for token_id in market.token_ids] == [6 * UNIT] * 2


async def redeem_positions(w: World) -> None:
    market = await _split(w)
    before = _dollars(w, w.alice.wallet)

    def resolve() -> None:
        venue = w.venue.venue
        venue.engine.resolve(market, "Yes", venue.clock.now_ms())
        venue.publish()

    w.venue.call(resolve)
    await _sent(w.alice.redeem_positions(condition_id=market.condition_id))
    assert _dollars(w, w.alice.wallet) - before == 10 * UNIT


# Session keys


async def authorize_session_key(w: World) -> None:
    owner = await _with_builder(w)
    granted = await settled(owner.authorize_session_key(address=BOB.address))
    assert granted.session_key.address == BOB.address
    await settled(owner.close())


async def fetch_session_keys(w: World) -> None:
    owner = await _with_builder(w)
    await settled(owner.authorize_session_key(address=BOB.address))
    found = await settled(owner.fetch_session_keys())
    assert [key.address for key in found] == [BOB.address]
    await settled(owner.close())


async def revoke_session_key(w: World) -> None:
    owner = await _with_builder(w)
    await settled(owner.authorize_session_key(address=BOB.address))
    await settled(owner.revoke_session_key(address=BOB.address))
    assert await settled(owner.fetch_session_keys()) == ()
    await settled(owner.close())
