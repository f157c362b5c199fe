"""Block 0: the venue's contracts, and who holds and has allowed what, written as storage.

No transaction runs at start-up, and none could: the documentation market's token ids, for one,
belong to no condition that ConditionalTokens would derive them from.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypedDict

from eth_typing import Address

from mock_clob import scenario
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.contracts import CONTRACTS, Contracts
from mock_clob.ledger import COLLATERAL

POL = 10**18
POL_EACH = 10_000 * POL
UNLIMITED = 2**256 - 1

Storage = dict[int, int]


class Account(TypedDict):
    """An account as py-evm's genesis takes it."""

    balance: int
    nonce: int
    code: bytes
    storage: Storage


@dataclass(frozen=True)
class Condition:
    """A binary condition. `payouts` of (YES, NO) once it is resolved."""

    condition_id: str
    yes: int
    no: int
    collateral: str
    payouts: tuple[int, int] | None = None


@dataclass(frozen=True)
class Genesis:
    """What the chain starts with. Amounts in base units of 1e-6; addresses are EIP-55.

    What backs the holdings comes on top: the USDC.e that ConditionalTokens and pUSD hold.
    """

    contracts: Contracts
    operator: str  # a test account: settles, mints, registers conditions, reports payouts
    wallets: tuple[str, ...]  # get POL for gas; only they and the operator may send
    traders: tuple[str, ...]  # have allowed every exchange their tokens
    conditions: tuple[Condition, ...]
    balances: tuple[tuple[str, str, int], ...]  # (token, owner, amount)
    positions: tuple[tuple[int, str, int], ...]  # (position id, owner, amount)


def of_scenario(chain_id: int) -> Genesis:
    """The venue's default scenario: holdings are the ledger's, in USDC.e and in pUSD alike."""
    contracts = CONTRACTS[chain_id]
    traders = tuple(account.address for account in (*scenario.USERS, scenario.HOUSE))
    holdings = list(scenario.holdings(chain_id))
    markets = [listing.market for listing in scenario.listings(chain_id)]
    return Genesis(
        contracts=contracts,
        operator=scenario.OPERATOR.address,
        wallets=(*traders, scenario.OPERATOR.address),
        traders=traders,
        conditions=tuple(
            Condition(
                market.condition_id,
                int(market.token_ids[0]),
                int(market.token_ids[1]),
                contracts.usdc_e,
                (1, 0) if market.closed else None,
            )
            for market in markets
        ),
        balances=tuple(
            (token, owner, amount)
            for owner, asset, amount in holdings
            if asset == COLLATERAL
            for token in (contracts.usdc_e, contracts.pusd)
        ),
        positions=tuple(
            (int(asset), owner, amount) for owner, asset, amount in holdings if asset != COLLATERAL
        ),
    )


def usdc_e_exchanges(c: Contracts) -> tuple[str, ...]:
    return c.exchange_v1, c.neg_risk_exchange_v1


def pusd_exchanges(c: Contracts) -> tuple[str, ...]:
    return c.exchange_v2, c.neg_risk_exchange_v2, c.exchange_v3


def accounts(genesis: Genesis) -> dict[Address, Account]:
    """Raises ValueError where YES and NO of a condition are not equally many."""
    c = genesis.contracts
    balances = _backed(genesis)
    tokens = (
        ("Usdc", c.usdc_e, "USD Coin (PoS)", "USDC", usdc_e_exchanges(c)),
        ("Usdc", c.usdc, "USD Coin", "USDC", ()),
        ("Pusd", c.pusd, "Polymarket USD", "pUSD", pusd_exchanges(c)),
    )
    result = {raw(wallet): _account(balance=POL_EACH) for wallet in genesis.wallets}
    for contract, address, name, symbol, exchanges in tokens:
        storage = _token(contract, name, symbol, genesis.operator, balances[address])
        spenders = (*exchanges, c.neg_risk_adapter) if exchanges else ()
        storage |= {
            artefact(contract).slot("allowance", raw(trader), raw(spender)): UNLIMITED
            for trader in genesis.traders
            for spender in spenders
        }
        result[raw(address)] = _account(contract, storage)
    every_exchange = (*usdc_e_exchanges(c), *pusd_exchanges(c))
    usdc_e, pusd = result[raw(c.usdc_e)]["storage"], result[raw(c.pusd)]["storage"]
    for exchange in every_exchange:
        # The exchange splits positions with what it has just collected.
        usdc_e[artefact("Usdc").slot("allowance", raw(exchange), raw(c.ctf))] = UNLIMITED
        result[raw(exchange)] = _account(
            "Exchange",
            _storage(
                "Exchange",
                operator=genesis.operator,
                ctf=c.ctf,
                asset=c.usdc_e,
                pusd=c.pusd if exchange in pusd_exchanges(c) else "0x",
            ),
        )
    pusd |= _storage("Pusd", asset=c.usdc_e)
    for ramp in (c.onramp, c.offramp, *pusd_exchanges(c)):
        pusd[artefact("Pusd").slot("ramps", raw(ramp))] = 1
    for contract, address in (("Onramp", c.onramp), ("Offramp", c.offramp)):
        result[raw(address)] = _account(contract, _storage(contract, pusd=c.pusd, asset=c.usdc_e))
    result[raw(c.ctf)] = _account(
        "ConditionalTokens",
        _outcome_tokens(genesis, (*every_exchange, c.neg_risk_adapter)),
    )
    return {Address(address): account for address, account in result.items()}


def _backed(genesis: Genesis) -> dict[str, Counter[str]]:
    """Token -> owner -> amount, with what the contracts hold to back shares and pUSD."""
    c = genesis.contracts
    balances: dict[str, Counter[str]] = {
        c.usdc_e: Counter(),
        c.usdc: Counter(),
        c.pusd: Counter(),
    }
    for token, owner, amount in genesis.balances:
        balances[token][owner] += amount
    shares: Counter[int] = Counter()
    for position_id, _, amount in genesis.positions:
        shares[position_id] += amount
    for condition in genesis.conditions:
        if shares[condition.yes] != shares[condition.no]:
            raise ValueError(
                f"condition {condition.condition_id} has {shares[condition.yes]} YES "
                f"and {shares[condition.no]} NO at genesis"
            )
        balances[condition.collateral][c.ctf] += shares[condition.yes]
    balances[c.usdc_e][c.pusd] += balances[c.pusd].total()
    return balances


def _token(contract: str, name: str, symbol: str, owner: str, balances: Counter[str]) -> Storage:
    slots = artefact(contract).slots
    storage = _storage(contract, owner=owner)
    storage[slots["totalSupply"]] = balances.total()
    for variable, text in (("name", name), ("symbol", symbol)):  # length, then the text
        storage[slots[variable]] = len(text)
        storage[slots[variable] + 1] = int.from_bytes(text.encode().ljust(32, b"\0"), "big")
    for holder, amount in balances.items():
        storage[artefact(contract).slot("balanceOf", raw(holder))] = amount
    return storage


def _outcome_tokens(genesis: Genesis, operators: tuple[str, ...]) -> Storage:
    ctf = artefact("ConditionalTokens")
    storage = _storage("ConditionalTokens", owner=genesis.operator)
    for condition in genesis.conditions:
        key = raw(condition.condition_id)
        first = ctf.slot("conditions", key)
        storage[first] = int(condition.collateral, 16)
        storage[first + 1], storage[first + 2] = condition.yes, condition.no
        if condition.payouts:
            storage[ctf.slot("payoutDenominator", key)] = sum(condition.payouts)
            for index, numerator in enumerate(condition.payouts):
                storage[ctf.slot("payoutNumerators", key, index)] = numerator
    for position_id, owner, amount in genesis.positions:
        slot = ctf.slot("balanceOf", raw(owner), position_id)
        storage[slot] = storage.get(slot, 0) + amount
    for trader in genesis.traders:
        for operator in operators:
            storage[ctf.slot("isApprovedForAll", raw(trader), raw(operator))] = 1
    return storage


def _storage(contract: str, **addresses: str) -> Storage:
    """Variables that hold an address."""
    slots = artefact(contract).slots
    return {slots[variable]: int(address[2:] or "0", 16) for variable, address in addresses.items()}


def _account(contract: str = "", storage: Storage | None = None, balance: int = 0) -> Account:
    return {
        "balance": balance,
        "nonce": 1 if contract else 0,  # EIP-161: a contract's nonce begins at 1
        "code": artefact(contract).code if contract else b"",
        "storage": storage or {},
    }
