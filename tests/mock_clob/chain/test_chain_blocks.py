"""Blocks in time: their stamps, the way back to block 0, and what is left of what was cut."""

from __future__ import annotations

from types import SimpleNamespace

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.evm import Chain

ALICE = ACCOUNTS[0].address


def test_first_block_is_stamped_with_the_clock(chain: Chain, clock: SimpleNamespace) -> None:
    chain.mine()

    assert chain.head.header.timestamp == clock.seconds


def test_blocks_are_a_second_apart_where_the_clock_stands_still(
    chain: Chain, clock: SimpleNamespace
) -> None:
    chain.mine(3)

    stamps = [block.header.timestamp for block in chain.blocks]
    assert stamps == [clock.seconds + ahead for ahead in (-1, 0, 1, 2)]


def test_blocks_follow_the_clock_as_it_jumps(chain: Chain, clock: SimpleNamespace) -> None:
    clock.seconds += 3600
    chain.mine()

    assert chain.head.header.timestamp == clock.seconds


def test_tick_makes_a_block_only_when_the_last_is_two_seconds_old(
    chain: Chain, clock: SimpleNamespace
) -> None:
    chain.tick()
    assert chain.block_number == 0
    clock.seconds += 1
    chain.tick()
    assert chain.block_number == 1


def test_each_block_names_the_one_before(chain: Chain) -> None:
    chain.mine(2)

    hashes = [block.hash for block in chain.blocks]
    assert [block.header.parent_hash for block in chain.blocks[1:]] == hashes[:-1]
    assert len(set(hashes)) == 3


def test_reset_forgets_everything(chain: Chain) -> None:
    snapshot = chain.snapshot()
    transaction_hash = chain.deposit(chain.contracts.usdc_e, ALICE, 1)
    chain.advance(100)

    chain.reset()

    assert chain.block_number == 0
    assert chain.balance(chain.contracts.usdc_e, ALICE) == 10_000_000_000
    assert chain.receipt(bytes.fromhex(transaction_hash[2:])) is None
    assert not chain.revert(snapshot)
    assert chain.deposit(chain.contracts.usdc_e, ALICE, 1) == transaction_hash


def test_other_history_after_a_revert_has_other_hashes(chain: Chain) -> None:
    snapshot = chain.snapshot()
    chain.deposit(chain.contracts.usdc_e, ALICE, 1)
    first = chain.head.hash
    chain.revert(snapshot)
    chain.deposit(chain.contracts.usdc_e, ALICE, 2)

    assert chain.block_number == 1
    assert chain.head.hash != first


def test_balance_is_known_at_every_block(chain: Chain) -> None:
    usdc_e, yes = chain.contracts.usdc_e, chain.genesis.conditions[0].yes
    chain.deposit(usdc_e, ALICE, 1)
    chain.mine()
    chain.deposit(usdc_e, ALICE, 1)

    assert [chain.balance(usdc_e, ALICE, block) - 10**10 for block in chain.blocks] == [0, 1, 1, 2]
    assert chain.position_balance(ALICE, yes, chain.blocks[0]) == 100_000_000
