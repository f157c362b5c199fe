# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  The beacon that deposit wallets ask for their code
"""

implementation: public(address)
