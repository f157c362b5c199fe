"""Smart wallets on the chain: where they stand, who may use them, what they pass on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_typing import Address
from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.exceptions import ContractLogicError

from mock_clob import derivation
from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.chain.evm import Chain, Reverted
from mock_clob.contracts import CONTRACTS
from mock_clob.model import UNIT
from mock_clob.relayer import calldata
from mock_clob.relayer.signatures import Batch, Call
from mock_clob.scenario import NEWCOMER

ALICE, BOB = ACCOUNTS[0], ACCOUNTS[1]
C = CONTRACTS[137]
ZERO = "0x" + "0" * 40
SAFE, PROXY = derivation.safe_wallet(ALICE.address), derivation.proxy_wallet(ALICE.address)
DEPOSIT = derivation.deposit_wallet(ALICE.address)
FOR_EVER = 2**64
GIVE = artefact("Usdc").call("transfer", raw(BOB.address), UNIT)


@pytest.fixture
def at(w3: Web3) -> Callable[[str, str], Any]:
    """at(contract, address): the contract's functions as account 0 calls them."""

    def make(contract: str, address: str) -> Any:
        place = w3.to_checksum_address(address)
        return w3.eth.contract(place, abi=artefact(contract).abi).functions

    return make


def code(chain: Chain, address: str) -> bytes:
    return bytes(chain.state().get_code(Address(raw(address))))


def bobs(chain: Chain) -> int:
    return chain.balance(C.pusd, BOB.address)


# Deposit wallets


def test_factory_deploys_the_proxy_that_stands_at_genesis(chain: Chain) -> None:
    wallet = derivation.deposit_wallet(NEWCOMER.address)
    assert code(chain, wallet) == b""

    creation = derivation.deposit_creation_code(NEWCOMER.address)
    chain.operate(derivation.DEPOSIT_FACTORY, calldata.deploy(NEWCOMER.address, creation))

    ours = code(chain, DEPOSIT)
    assert code(chain, wallet) == ours.replace(raw(ALICE.address), raw(NEWCOMER.address))
    assert chain.stored("DepositWallet", wallet, "owner") == int(NEWCOMER.address, 16)
    for variable in ("factory", "nonce"):
        assert chain.stored("DepositWallet", wallet, variable) == chain.stored(
            "DepositWallet", DEPOSIT, variable
        )


def test_wallet_is_deployed_once(chain: Chain) -> None:
    creation = derivation.deposit_creation_code(ALICE.address)

    with pytest.raises(Reverted):
        chain.operate(derivation.DEPOSIT_FACTORY, calldata.deploy(ALICE.address, creation))


def test_deposit_wallet_speaks_through_its_beacon(at: Callable[[str, str], Any]) -> None:
    wallet = at("DepositWallet", DEPOSIT)

    assert (wallet.owner().call(), wallet.nonce().call()) == (ALICE.address, 0)
    assert at("DepositWalletFactory", derivation.DEPOSIT_FACTORY).BEACON().call() == (
        derivation.DEPOSIT_BEACON
    )


@pytest.mark.parametrize(
    ("nonce", "deadline", "words"), [(1, FOR_EVER, "InvalidNonce"), (0, 1, "Expired")]
)
def test_batch_out_of_turn_or_time_reverts(
    chain: Chain, nonce: int, deadline: int, words: str
) -> None:
    batch = Batch(DEPOSIT, nonce, deadline, (Call(C.pusd, 0, GIVE),))

    with pytest.raises(Reverted, match=words):
        chain.operate(derivation.DEPOSIT_FACTORY, calldata.execute_batch(batch))


def test_batch_counts_and_its_failure_undoes_all(chain: Chain) -> None:
    before = bobs(chain)
    too_much = artefact("Usdc").call("transfer", raw(BOB.address), 10**15)
    good, bad = Call(C.pusd, 0, GIVE), Call(C.pusd, 0, too_much)

    def run(nonce: int, *calls: Call) -> None:
        batch = Batch(DEPOSIT, nonce, FOR_EVER, calls)
        chain.operate(derivation.DEPOSIT_FACTORY, calldata.execute_batch(batch))

    run(0, good, good)
    with pytest.raises(Reverted, match="exceeds balance"):
        run(1, good, bad)

    assert bobs(chain) == before + 2 * UNIT
    assert chain.stored("DepositWallet", DEPOSIT, "nonce") == 1


@pytest.mark.parametrize(
    ("contract", "address", "function", "arguments"),
    [
        ("DepositWalletFactory", derivation.DEPOSIT_FACTORY, "deploy", (BOB.address, b"")),
        ("DepositWalletFactory", derivation.DEPOSIT_FACTORY, "execute", (DEPOSIT, [], 0, 2**64)),
        ("DepositWallet", DEPOSIT, "execute", ([], 0, 2**64)),
        ("DepositWallet", DEPOSIT, "authorizeSessionSigner", (BOB.address, 2**64)),
        ("DepositWallet", DEPOSIT, "revokeSessionSigner", (BOB.address,)),
        ("DepositWallet", DEPOSIT, "initialize", (BOB.address,)),
        ("ProxyFactory", derivation.PROXY_FACTORY, "relay", (BOB.address, 0, [])),
        ("ProxyWallet", PROXY, "proxy", ([],)),
    ],
)
def test_wallets_and_factories_obey_nobody_else(
    at: Callable[[str, str], Any],
    contract: str,
    address: str,
    function: str,
    arguments: tuple[Any, ...],
) -> None:
    with pytest.raises(ContractLogicError):
        getattr(at(contract, address), function)(*arguments).transact()


# Proxy wallets


def test_owner_calls_through_its_proxy_wallet_itself(
    chain: Chain, at: Callable[[str, str], Any]
) -> None:
    before = bobs(chain)
    factory = at("ProxyFactory", derivation.PROXY_FACTORY)

    factory.proxy([(1, C.pusd, 0, GIVE)]).transact()

    assert bobs(chain) == before + UNIT
    with pytest.raises(ContractLogicError, match="only calls are in the mock"):
        factory.proxy([(2, C.pusd, 0, GIVE)]).transact()


def test_first_call_of_a_newcomer_deploys_its_proxy_wallet(chain: Chain) -> None:
    wallet = derivation.proxy_wallet(NEWCOMER.address)
    assert code(chain, wallet) == b""
    given = artefact("ProxyFactory").selectors["proxy"] + (32).to_bytes(32, "big") + bytes(32)

    chain.operate(
        derivation.PROXY_FACTORY, calldata.relay_proxy(NEWCOMER.address.lower(), 0, given)
    )

    assert code(chain, wallet) == code(chain, PROXY)
    factory = int(derivation.PROXY_FACTORY, 16)
    assert chain.stored("ProxyWallet", wallet, "factory") == factory
    assert chain.stored("ProxyFactory", derivation.PROXY_FACTORY, "nonces", raw(NEWCOMER.address))


# Safes


def safe_transaction(chain: Chain, *, as_message: bool = False, key: str = ALICE.key) -> list[Any]:
    """The arguments of execTransaction that give Bob a dollar."""
    zeros = [0, 0, 0, ZERO, ZERO]
    message = {
        "to": C.pusd,
        "value": 0,
        "data": GIVE,
        "operation": 0,
        "safeTxGas": 0,
        "baseGas": 0,
        "gasPrice": 0,
        "gasToken": ZERO,
        "refundReceiver": ZERO,
        "nonce": chain.stored("Safe", SAFE, "nonce"),
    }
    kinds = ["address", "uint256", "bytes", "uint8", *["uint256"] * 3, *["address"] * 2, "uint256"]
    types = {
        "SafeTx": [{"name": name, "type": kind} for name, kind in zip(message, kinds, strict=True)]
    }
    domain = {"chainId": 137, "verifyingContract": SAFE}
    signed = Account.sign_typed_data(key, domain, types, message)
    signature = bytes(signed.signature)
    if as_message:
        again = Account.sign_message(encode_defunct(signed.message_hash), key).signature
        signature = again[:64] + bytes([again[64] + 4])
    return [C.pusd, 0, GIVE, 0, *zeros, signature]


@pytest.mark.parametrize("as_message", [False, True])
def test_anybody_sends_what_the_owner_of_a_safe_signed(
    chain: Chain, at: Callable[[str, str], Any], as_message: bool
) -> None:
    before, safe = bobs(chain), at("Safe", SAFE)
    signed = safe_transaction(chain, as_message=as_message)

    safe.execTransaction(*signed).transact()

    assert bobs(chain) == before + UNIT
    assert safe.nonce().call() == 1
    with pytest.raises(ContractLogicError, match="GS026"):  # its nonce is used up
        safe.execTransaction(*signed).transact()


def test_safe_refuses_another_signer_and_a_short_signature(
    chain: Chain, at: Callable[[str, str], Any]
) -> None:
    safe = at("Safe", SAFE)

    with pytest.raises(ContractLogicError, match="GS026"):
        safe.execTransaction(*safe_transaction(chain, key=BOB.key)).transact()
    with pytest.raises(ContractLogicError, match="GS020"):
        safe.execTransaction(*safe_transaction(chain)[:-1], b"\x01").transact()


def test_safe_tells_its_owner_as_a_gnosis_safe_does(at: Callable[[str, str], Any]) -> None:
    safe = at("Safe", SAFE)

    assert safe.getOwners().call() == [ALICE.address]
    assert (safe.isOwner(BOB.address).call(), safe.getThreshold().call()) == (False, 1)
    assert safe.VERSION().call() == "1.3.0"


def test_wallets_take_outcome_tokens_and_pol(chain: Chain, w3: Web3) -> None:
    token = chain.genesis.conditions[0].yes
    ctf = w3.eth.contract(w3.to_checksum_address(C.ctf), abi=artefact("ConditionalTokens").abi)

    for wallet in (SAFE, PROXY, DEPOSIT):
        to = to_checksum_address(wallet)
        ctf.functions.safeTransferFrom(ALICE.address, to, token, UNIT, b"").transact()
        w3.eth.send_transaction({"to": to, "value": Web3.to_wei(1, "ether"), "gas": 100_000})
        assert chain.position_balance(wallet, token) == UNIT
        assert w3.eth.get_balance(to) == 10**18
