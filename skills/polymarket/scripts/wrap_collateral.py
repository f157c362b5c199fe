"""Turn USDC.e into pUSD, one for one, for any kind of wallet. MOVES MONEY and costs gas."""

from eth_abi.abi import encode
from polymarket import SecureClient
from polymarket.calls import TransactionCall
from polymarket.types import EvmAddress, HexString
from secure_client import secure_client
from usdc_balance import get_usdc_e_balance
from web3 import Web3

USDC_E = "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"
PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
ONRAMP = "0x93070a847efEf7F70739046A929D47a521F5B8ee"  # CollateralOnramp
OFFRAMP = "0x2957922Eb93258b93368531d39fAcCA3B4dC5854"  # CollateralOfframp


def wrap(client: SecureClient, base_units: int) -> None:
    """USDC.e to pUSD. `base_units` of 1e-6; allows the onramp exactly that much, no more."""
    client.execute_transaction(calls=_exchange(client, USDC_E, ONRAMP, "wrap", base_units)).wait()


def unwrap(client: SecureClient, base_units: int) -> None:
    """pUSD back to USDC.e."""
    client.execute_transaction(calls=_exchange(client, PUSD, OFFRAMP, "unwrap", base_units)).wait()


def _exchange(
    client: SecureClient, token: str, ramp: str, function: str, base_units: int
) -> list[TransactionCall]:
    if base_units <= 0:
        raise ValueError(f"base_units must be above 0, not {base_units}")
    approve = _call("approve(address,uint256)", ramp, base_units)
    moved = _call(f"{function}(address,address,uint256)", USDC_E, client.wallet, base_units)
    return [
        TransactionCall(to=EvmAddress(token), data=approve),
        TransactionCall(to=EvmAddress(ramp), data=moved),
    ]


def _call(signature: str, *values: object) -> HexString:
    types = signature[signature.index("(") + 1 : -1].split(",")
    return HexString("0x" + (Web3.keccak(text=signature)[:4] + encode(types, values)).hex())


if __name__ == "__main__":
    with secure_client() as client:
        wrap(client, 1_000_000)
        for token in ("USDC.e", "pUSD"):
            print(token, get_usdc_e_balance(client.wallet, token))
