"""The relayer: carries out a wallet's signed batches on the chain and pays the gas."""
