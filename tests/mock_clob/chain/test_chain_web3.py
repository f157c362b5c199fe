"""What an ordinary user does with web3 on Polygon works here, and fails as it does there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import rlp
from eth_account import Account
from web3 import AsyncWeb3, Web3
from web3.exceptions import (
    BadFunctionCallOutput,
    BlockNotFound,
    ContractLogicError,
    ExtraDataLengthError,
    TransactionNotFound,
    Web3RPCError,
)

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.artefacts import artefact
from mock_clob.chain.evm import Chain, Match

ALICE, BOB = ACCOUNTS[0], ACCOUNTS[1]
STRANGER = "0x" + "4c" * 32
ERC20 = artefact("Usdc").abi
ERC1155 = artefact("ConditionalTokens").abi


@pytest.fixture
def usdc_e(w3: Web3, chain: Chain) -> Any:
    return w3.eth.contract(Web3.to_checksum_address(chain.contracts.usdc_e), abi=ERC20)


@pytest.fixture
def pusd(w3: Web3, chain: Chain) -> Any:
    return w3.eth.contract(Web3.to_checksum_address(chain.contracts.pusd), abi=ERC20)


@pytest.fixture
def ctf(w3: Web3, chain: Chain) -> Any:
    return w3.eth.contract(Web3.to_checksum_address(chain.contracts.ctf), abi=ERC1155)


def test_node_says_that_it_is_polygon(w3: Web3) -> None:
    assert w3.is_connected()
    assert w3.eth.chain_id == 137
    assert w3.net.version == "137"
    assert w3.eth.syncing is False
    assert w3.eth.accounts == []
    assert w3.client_version == "mock-clob/py-evm"


def test_tokens_describe_themselves(w3: Web3, usdc_e: Any, pusd: Any, chain: Chain) -> None:
    usdc = w3.eth.contract(Web3.to_checksum_address(chain.contracts.usdc), abi=ERC20)
    found = [
        (
            token.functions.name().call(),
            token.functions.symbol().call(),
            token.functions.decimals().call(),
        )
        for token in (usdc_e, usdc, pusd)
    ]

    assert found == [
        ("USD Coin (PoS)", "USDC", 6),
        ("USD Coin", "USDC", 6),
        ("Polymarket USD", "pUSD", 6),
    ]


def test_balances_read_one_by_one_and_in_a_batch(usdc_e: Any, ctf: Any, chain: Chain) -> None:
    market = chain.genesis.conditions[0]

    assert usdc_e.functions.balanceOf(ALICE.address).call() == 10_000_000_000
    assert ctf.functions.balanceOf(ALICE.address, market.yes).call() == 100_000_000
    assert ctf.functions.balanceOfBatch(
        [ALICE.address, BOB.address], [market.no, market.no]
    ).call() == [100_000_000, 0]


def test_balance_at_a_past_block_is_what_it_was(usdc_e: Any, chain: Chain) -> None:
    balance = usdc_e.functions.balanceOf(BOB.address)
    for _ in range(3):
        chain.deposit(chain.contracts.usdc_e, BOB.address, 1)

    assert [balance.call(block_identifier=number) - 10_000_000_000 for number in range(4)] == [
        0,
        1,
        2,
        3,
    ]
    assert balance.call(block_identifier="earliest") == 10_000_000_000
    assert balance.call(block_identifier=chain.blocks[1].hash) == 10_000_000_001


def test_past_block_that_never_was_is_an_error(usdc_e: Any) -> None:
    with pytest.raises(Web3RPCError, match="header not found"):
        usdc_e.functions.balanceOf(BOB.address).call(block_identifier=99)


def test_blocks_need_the_middleware_for_polygon(bare_w3: Web3) -> None:
    with pytest.raises(ExtraDataLengthError, match="proof-of-authority"):
        bare_w3.eth.get_block("latest")


@pytest.mark.parametrize("tag", ["latest", "earliest", "pending", "safe", "finalized", 0, 1])
def test_block_by_tag(w3: Web3, chain: Chain, tag: Any) -> None:
    chain.deposit(chain.contracts.usdc_e, BOB.address, 1)
    expected = {"earliest": 0, "pending": 2, 0: 0}.get(tag, 1)

    block = w3.eth.get_block(tag)

    assert block["number"] == expected
    assert len(block["transactions"]) == (1 if expected == 1 else 0)
    assert len(block["proofOfAuthorityData"]) == 97  # type: ignore[typeddict-item]


def test_block_by_hash_with_its_transactions(w3: Web3, chain: Chain) -> None:
    transaction_hash = chain.deposit(chain.contracts.usdc_e, BOB.address, 1)

    block = w3.eth.get_block(chain.head.hash, full_transactions=True)  # type: ignore[arg-type]

    transaction: Any = block["transactions"][0]
    assert block["hash"] == chain.head.hash
    assert block["parentHash"] == chain.blocks[0].hash
    assert transaction["hash"].to_0x_hex() == transaction_hash
    assert w3.eth.get_block_transaction_count(1) == 1
    assert w3.eth.get_block_receipts(1)[0]["transactionHash"] == transaction["hash"]


def test_unknown_block_and_transaction_are_not_found(w3: Web3) -> None:
    with pytest.raises(BlockNotFound):
        w3.eth.get_block(99)
    with pytest.raises(BlockNotFound):
        w3.eth.get_block("0x" + "ab" * 32)  # type: ignore[arg-type]
    with pytest.raises(TransactionNotFound):
        w3.eth.get_transaction("0x" + "ab" * 32)  # type: ignore[arg-type]
    with pytest.raises(TransactionNotFound):
        w3.eth.get_transaction_receipt("0x" + "ab" * 32)  # type: ignore[arg-type]


def test_transfer_moves_money_and_costs_gas(w3: Web3, usdc_e: Any) -> None:
    before = w3.eth.get_balance(ALICE.address)

    sent = usdc_e.functions.transfer(BOB.address, 1_500_000).transact()

    receipt = w3.eth.wait_for_transaction_receipt(sent)
    transaction = w3.eth.get_transaction(sent)
    assert receipt["status"] == 1
    assert receipt["type"] == transaction["type"] == 2
    assert transaction["from"] == ALICE.address
    assert receipt["gasUsed"] <= transaction["gas"]
    assert before - w3.eth.get_balance(ALICE.address) == (
        receipt["gasUsed"] * receipt["effectiveGasPrice"]
    )
    assert usdc_e.functions.balanceOf(BOB.address).call() == 10_001_500_000
    (event,) = usdc_e.events.Transfer().process_receipt(receipt)
    assert event["args"]["value"] == 1_500_000


def test_legacy_transaction_is_taken(w3: Web3, usdc_e: Any) -> None:
    sent = usdc_e.functions.transfer(BOB.address, 1).transact({"gasPrice": w3.eth.gas_price})

    transaction = w3.eth.get_transaction(sent)
    assert transaction["type"] == 0
    assert transaction["chainId"] == 137
    assert transaction["v"] in (309, 310)
    assert w3.eth.get_transaction_receipt(sent)["effectiveGasPrice"] == transaction["gasPrice"]


def test_access_list_transaction_is_taken(w3: Web3, usdc_e: Any) -> None:
    entry = {"address": usdc_e.address, "storageKeys": ["0x" + "00" * 32]}
    sent = usdc_e.functions.transfer(BOB.address, 1).transact(
        {"accessList": [entry], "gasPrice": w3.eth.gas_price, "type": 1}
    )

    transaction = w3.eth.get_transaction(sent)
    assert transaction["type"] == 1
    assert transaction["accessList"][0]["address"] == usdc_e.address


def test_pol_can_be_sent(w3: Web3) -> None:
    before = w3.eth.get_balance(BOB.address)

    w3.eth.send_transaction({"to": BOB.address, "value": 5})

    assert w3.eth.get_balance(BOB.address) == before + 5


def test_contract_can_be_deployed(w3: Web3) -> None:
    returns_42 = "0x602a60005260206000f3"
    creation = "0x69" + returns_42[2:] + "600052600a6016f3"

    sent = w3.eth.send_transaction({"data": creation})  # type: ignore[typeddict-item]

    receipt = w3.eth.get_transaction_receipt(sent)
    address = receipt["contractAddress"]
    assert address is not None
    assert w3.eth.get_code(address).to_0x_hex() == returns_42
    assert int.from_bytes(w3.eth.call({"to": address}), "big") == 42


def test_call_that_reverts_says_why(usdc_e: Any) -> None:
    with pytest.raises(ContractLogicError, match="ERC20: transfer amount exceeds balance"):
        usdc_e.functions.transfer(BOB.address, 10**18).call()


def test_estimate_of_what_reverts_says_why(usdc_e: Any) -> None:
    with pytest.raises(ContractLogicError, match="ERC20: transfer amount exceeds allowance"):
        usdc_e.functions.transferFrom(BOB.address, ALICE.address, 1).estimate_gas()


def test_transaction_that_reverts_is_mined_and_moves_nothing(w3: Web3, usdc_e: Any) -> None:
    sent = usdc_e.functions.transfer(BOB.address, 10**18).transact({"gas": 100_000})

    receipt = w3.eth.get_transaction_receipt(sent)
    assert receipt["status"] == 0
    assert receipt["logs"] == []
    assert usdc_e.functions.balanceOf(BOB.address).call() == 10_000_000_000
    assert w3.eth.get_transaction_count(ALICE.address) == 1


def test_call_of_an_address_without_code_returns_nothing(w3: Web3) -> None:
    nowhere = w3.eth.contract(BOB.address, abi=ERC20)  # type: ignore[call-overload]

    with pytest.raises(BadFunctionCallOutput):
        nowhere.functions.balanceOf(BOB.address).call()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chainId": 1}, "invalid chain id for signer: have 1 want 137"),
        ({"nonce": 5}, "nonce too high: address 0xf39F.*, tx: 5 state: 0"),
        ({"gas": 21_000}, "intrinsic gas too low: gas 21000"),
        ({"gas": 45_000_001}, "exceeds block gas limit"),
        ({"value": 10**30}, "insufficient funds for gas"),
        ({"maxPriorityFeePerGas": 10**9}, "transaction underpriced: gas tip cap 1000000000"),
        ({"maxPriorityFeePerGas": 10**12}, "max priority fee per gas higher than max fee per gas"),
        (
            {"maxFeePerGas": 25 * 10**9, "maxPriorityFeePerGas": 25 * 10**9},
            "max fee per gas less than block base fee: .* maxFeePerGas: 25000000000",
        ),
    ],
)
def test_transaction_that_a_node_does_not_take(
    w3: Web3, usdc_e: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Web3RPCError, match=message):
        w3.eth.send_raw_transaction(_signed(usdc_e, ALICE.key, **changes))


def test_nonce_cannot_be_used_twice(w3: Web3, usdc_e: Any) -> None:
    w3.eth.send_raw_transaction(_signed(usdc_e, ALICE.key))

    with pytest.raises(Web3RPCError, match="already known"):
        w3.eth.send_raw_transaction(_signed(usdc_e, ALICE.key))
    with pytest.raises(Web3RPCError, match=r"nonce too low: address 0xf39F.*, tx: 0 state: 1"):
        w3.eth.send_raw_transaction(_signed(usdc_e, ALICE.key, value=1))


@pytest.mark.usefixtures("unchanged")
def test_foreign_key_is_refused(w3: Web3, usdc_e: Any) -> None:
    with pytest.raises(Web3RPCError, match="is not a test account"):
        w3.eth.send_raw_transaction(_signed(usdc_e, STRANGER))


@pytest.mark.usefixtures("unchanged")
def test_transaction_for_any_chain_is_refused(w3: Web3) -> None:
    transaction = {"to": BOB.address, "value": 1, "gas": 21_000, "gasPrice": 10**11, "nonce": 0}
    signed = Account.sign_transaction(transaction, ALICE.key)

    with pytest.raises(Web3RPCError, match="only replay-protected"):
        w3.eth.send_raw_transaction(signed.raw_transaction)


@pytest.mark.usefixtures("unchanged")
def test_second_form_of_a_signature_is_refused(w3: Web3, usdc_e: Any) -> None:
    version, *fields = _signed(usdc_e, ALICE.key)[:1], *rlp.decode(_signed(usdc_e, ALICE.key)[1:])
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    fields[-3] = b"" if fields[-3] else b"\1"
    fields[-1] = (order - int.from_bytes(fields[-1], "big")).to_bytes(32, "big")

    with pytest.raises(Web3RPCError, match="Invalid signature S value"):
        w3.eth.send_raw_transaction(version + rlp.encode(fields))


@pytest.mark.usefixtures("unchanged")
def test_contract_code_that_is_too_long_is_refused(w3: Web3, usdc_e: Any) -> None:
    signed = _signed(usdc_e, ALICE.key, to="", data="0x" + "00" * 49_153, gas=3_000_000)

    with pytest.raises(Web3RPCError, match=r"(?i)code"):
        w3.eth.send_raw_transaction(signed)


def test_fee_history_and_prices_agree(w3: Web3, usdc_e: Any) -> None:
    usdc_e.functions.transfer(BOB.address, 1).transact()

    history = w3.eth.fee_history(2, "latest", [0, 50, 100])

    assert history["oldestBlock"] == 0
    assert len(history["baseFeePerGas"]) == 3
    assert history["gasUsedRatio"][0] == 0 < history["gasUsedRatio"][1]
    assert history["reward"] == [[0, 0, 0], [w3.eth.max_priority_fee] * 3]
    assert history["baseFeePerGas"][2] + w3.eth.max_priority_fee == w3.eth.gas_price


def test_logs_are_found_by_address_topics_and_blocks(
    w3: Web3, usdc_e: Any, chain: Chain, match: Callable[..., Match]
) -> None:
    usdc_e.functions.transfer(BOB.address, 1).transact()
    usdc_e.functions.approve(BOB.address, 2).transact()
    chain.settle(chain.contracts.exchange_v1, [match()])
    transfer: Any = usdc_e.events.Transfer().topic
    approval: Any = usdc_e.events.Approval().topic
    to_bob: Any = "0x" + BOB.address[2:].lower().rjust(64, "0")
    every = {"fromBlock": 0, "toBlock": "latest", "address": usdc_e.address}

    def places(**criteria: Any) -> list[tuple[int, int]]:
        logs = w3.eth.get_logs(criteria)  # type: ignore[arg-type]
        return [(log["blockNumber"], log["logIndex"]) for log in logs]

    assert places(**every) == [(1, 0), (2, 0), (3, 0), (3, 1)]
    assert places(**every, topics=[transfer]) == [(1, 0), (3, 0)]
    assert places(**every, topics=[approval]) == [(2, 0), (3, 1)]
    assert places(**every, topics=[[transfer, approval], None, to_bob]) == [(1, 0), (2, 0)]
    assert places(**every, topics=[None, to_bob]) == []
    assert places(**every, topics=[[None, approval]]) == places(**every)
    assert places(**every, topics=[None] * 4) == []  # these logs have three
    assert places(fromBlock=2, toBlock=2) == [(2, 0)]
    assert places() == places(blockHash=chain.head.hash) == places(fromBlock=3)
    assert places(address=[usdc_e.address, chain.contracts.ctf]) == [(3, 0), (3, 1), (3, 2)]
    assert len(usdc_e.events.Transfer().get_logs(from_block=0)) == 2


def test_requests_in_a_batch(w3: Web3, usdc_e: Any) -> None:
    with w3.batch_requests() as batch:
        batch.add(w3.eth.get_block(0))
        batch.add(usdc_e.functions.balanceOf(ALICE.address))
        block, balance = batch.execute()

    assert block["number"] == 0
    assert balance == 10_000_000_000


def test_async_web3_reads_and_waits(async_w3: AsyncWeb3[Any], chain: Chain) -> None:
    async def scene() -> tuple[int, int, int]:
        token = async_w3.eth.contract(
            AsyncWeb3.to_checksum_address(chain.contracts.usdc_e), abi=ERC20
        )
        fields: Any = {
            "from": ALICE.address,
            "nonce": await async_w3.eth.get_transaction_count(ALICE.address),  # type: ignore[arg-type]
        }
        transfer = token.functions.transfer(BOB.address, 3)
        signed = Account.sign_transaction(await transfer.build_transaction(fields), ALICE.key)
        sent = await async_w3.eth.send_raw_transaction(signed.raw_transaction)
        receipt = await async_w3.eth.wait_for_transaction_receipt(sent)
        balance = await token.functions.balanceOf(BOB.address).call()
        return receipt["status"], receipt["blockNumber"], balance

    assert asyncio.run(scene()) == (1, 1, 10_000_000_003)


def test_storage_and_code_can_be_read(w3: Web3, usdc_e: Any) -> None:
    supply = w3.eth.get_storage_at(usdc_e.address, artefact("Usdc").slots["totalSupply"])

    assert int.from_bytes(supply, "big") == usdc_e.functions.totalSupply().call()
    assert w3.eth.get_code(usdc_e.address) == artefact("Usdc").code
    assert w3.eth.get_code(BOB.address) == b""  # type: ignore[arg-type]


def test_blocks_go_on_coming_while_somebody_asks(w3: Web3, clock: SimpleNamespace) -> None:
    assert w3.eth.block_number == 0
    clock.seconds += 2

    assert w3.eth.block_number == 1
    assert w3.eth.get_block("latest")["timestamp"] == clock.seconds
    assert w3.eth.block_number == 1


def test_usdc_e_wraps_to_pusd_and_back(w3: Web3, usdc_e: Any, pusd: Any, chain: Chain) -> None:
    c = chain.contracts
    onramp = w3.eth.contract(Web3.to_checksum_address(c.onramp), abi=artefact("Onramp").abi)
    offramp = w3.eth.contract(Web3.to_checksum_address(c.offramp), abi=artefact("Offramp").abi)
    with pytest.raises(ContractLogicError, match="exceeds allowance"):
        onramp.functions.wrap(c.usdc_e, ALICE.address, 4_000_000).transact()

    usdc_e.functions.approve(c.onramp, 4_000_000).transact()
    onramp.functions.wrap(c.usdc_e, ALICE.address, 4_000_000).transact()
    pusd.functions.approve(c.offramp, 1_000_000).transact()
    offramp.functions.unwrap(c.usdc_e, BOB.address, 1_000_000).transact()

    assert pusd.functions.balanceOf(ALICE.address).call() == 10_003_000_000
    assert usdc_e.functions.balanceOf(ALICE.address).call() == 9_996_000_000
    assert usdc_e.functions.balanceOf(BOB.address).call() == 10_001_000_000
    assert usdc_e.functions.balanceOf(c.pusd).call() == pusd.functions.totalSupply().call()


@pytest.mark.parametrize("ramp", ["Onramp", "Offramp"])
def test_only_usdc_e_wraps(w3: Web3, chain: Chain, ramp: str) -> None:
    c = chain.contracts
    address = c.onramp if ramp == "Onramp" else c.offramp
    contract = w3.eth.contract(Web3.to_checksum_address(address), abi=artefact(ramp).abi)
    function = contract.functions.wrap if ramp == "Onramp" else contract.functions.unwrap

    with pytest.raises(ContractLogicError, match=r"USDC\.e"):
        function(c.usdc, ALICE.address, 1).call()


def test_positions_split_merge_and_redeem(w3: Web3, usdc_e: Any, ctf: Any, chain: Chain) -> None:
    c, market = chain.contracts, chain.genesis.conditions[0]
    whole = (c.usdc_e, bytes(32), market.condition_id)
    usdc_e.functions.approve(c.ctf, 10_000_000).transact()

    ctf.functions.splitPosition(*whole, [1, 2], 10_000_000).transact()
    assert ctf.functions.balanceOf(ALICE.address, market.yes).call() == 110_000_000
    ctf.functions.mergePositions(*whole, [1, 2], 4_000_000).transact()
    assert ctf.functions.balanceOf(ALICE.address, market.no).call() == 106_000_000
    with pytest.raises(ContractLogicError, match="result for condition not received yet"):
        ctf.functions.redeemPositions(*whole, [1, 2]).call()
    chain.report_payouts(market.condition_id, (1, 0))
    ctf.functions.redeemPositions(*whole, [1, 2]).transact()

    assert usdc_e.functions.balanceOf(ALICE.address).call() == 10_100_000_000
    assert ctf.functions.balanceOf(ALICE.address, market.yes).call() == 0
    assert ctf.functions.payoutNumerators(market.condition_id, 0).call() == 1
    assert ctf.functions.payoutDenominator(market.condition_id).call() == 1
    with pytest.raises(Exception, match="payout denominator already set"):
        chain.report_payouts(market.condition_id, (0, 1))


@pytest.mark.parametrize(
    ("partition", "reason"),
    [
        ([1], "got empty or singleton partition"),
        ([1, 3], "got invalid index set"),
        ([2, 2], "partition not disjoint"),
    ],
)
def test_partition_that_is_no_pair_is_refused(
    ctf: Any, chain: Chain, partition: list[int], reason: str
) -> None:
    whole = (chain.contracts.usdc_e, bytes(32), chain.genesis.conditions[0].condition_id)

    with pytest.raises(ContractLogicError, match=reason):
        ctf.functions.splitPosition(*whole, partition, 1).call()


def test_shares_transfer_one_by_one_and_in_a_batch(ctf: Any, chain: Chain) -> None:
    market = chain.genesis.conditions[0]

    ctf.functions.safeTransferFrom(ALICE.address, BOB.address, market.yes, 5, b"").transact()
    ctf.functions.safeBatchTransferFrom(
        ALICE.address, BOB.address, [market.yes, market.no], [1, 2], b""
    ).transact()

    assert ctf.functions.balanceOf(BOB.address, market.yes).call() == 6
    assert ctf.functions.balanceOf(BOB.address, market.no).call() == 2
    with pytest.raises(ContractLogicError, match="need operator approval"):
        ctf.functions.safeTransferFrom(BOB.address, ALICE.address, market.yes, 1, b"").call()
    with pytest.raises(ContractLogicError):  # a token is no receiver of shares
        ctf.functions.safeTransferFrom(
            ALICE.address, chain.contracts.usdc_e, market.yes, 1, b""
        ).call()


def _signed(usdc_e: Any, key: str, **changes: Any) -> bytes:
    """A transfer of nothing, from block 0."""
    transaction = {
        "to": usdc_e.address,
        "data": usdc_e.encode_abi("transfer", [BOB.address, 0]),
        "gas": 100_000,
        "maxFeePerGas": 100 * 10**9,
        "maxPriorityFeePerGas": 30 * 10**9,
        "nonce": 0,
        "chainId": 137,
        "value": 0,
    }
    return bytes(Account.sign_transaction(transaction | changes, key).raw_transaction)
