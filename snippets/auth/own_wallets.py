"""Which wallets of this key exist on the chain, and what each holds. It only reads."""

from account_settings import private_key
from eth_account import Account
from polygon_rpc import checked_address, polygon, reading
from usdc_balance import read_balance
from wallet_addresses import KINDS

if __name__ == "__main__":
    signer, w3 = Account.from_key(private_key()).address, polygon()
    for kind, address_of in KINDS.items():
        wallet = checked_address(address_of(signer))
        with reading(f"cannot read the code of {wallet}"):
            code = w3.eth.get_code(wallet)
        state = "deployed" if code else "no contract"
        print(kind, wallet, state, read_balance(w3, wallet, "pUSD").amount)
