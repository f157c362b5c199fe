"""Moves on the mocked chain: transfers between test accounts, and blocks that are taken back."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from web3 import Web3

from mock_clob.accounts import ACCOUNTS

USDC_E = "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"
TRANSFER = {
    "name": "transfer",
    "type": "function",
    "stateMutability": "nonpayable",
    "inputs": [{"name": "to", "type": "address"}, {"name": "amount", "type": "uint256"}],
    "outputs": [{"name": "", "type": "bool"}],
}


def send(w3: Web3, base_units: int) -> None:
    """Account 0 sends USDC.e to account 1, in a block of its own."""
    sender, receiver = ACCOUNTS[0], ACCOUNTS[1]
    token = w3.eth.contract(Web3.to_checksum_address(USDC_E), abi=[TRANSFER])
    transaction = token.functions.transfer(receiver.address, base_units).build_transaction(
        {
            "from": Web3.to_checksum_address(sender.address),
            "nonce": w3.eth.get_transaction_count(Web3.to_checksum_address(sender.address)),
        }
    )
    signed = Account.sign_transaction(dict(transaction), sender.key)
    sent = w3.eth.send_raw_transaction(signed.raw_transaction)
    assert w3.eth.wait_for_transaction_receipt(sent)["status"] == 1


def snapshot(w3: Web3) -> Any:
    return _request(w3, "evm_snapshot")


def revert(w3: Web3, to: Any) -> None:
    """Take back every block since the snapshot: the head is lower until new blocks come."""
    assert _request(w3, "evm_revert", to) is True


def mine(w3: Web3) -> None:
    _request(w3, "evm_mine")


def _request(w3: Web3, method: str, *params: Any) -> Any:
    reply = w3.provider.make_request(method, list(params))  # type: ignore[arg-type]
    assert "error" not in reply, reply
    return reply["result"]
