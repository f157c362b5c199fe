# USDC.e, the collateral until 2026-04-28.
import json
import os
from pathlib import Path

from web3 import Web3

abi = [
    {
        "name": "balanceOf",
        "type": "function",
        "stateMutability": "view",
        "inputs": [{"name": "owner", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    }
]
w3 = Web3(Web3.HTTPProvider(os.environ["POLYGON_RPC_URL"]))
usdc = w3.eth.contract(address="0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174", abi=abi)
balance = usdc.functions.balanceOf(os.environ["POLYMARKET_FUNDER"]).call()
Path("answer.json").write_text(json.dumps({"base_units": balance}))
