# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  ERC-20 of 6 decimals: the part that every dollar on the chain shares
@notice As the bridged USDC does it, every transferFrom lowers the allowance, an unlimited one
        too, and logs what is left. Storage is written at genesis; there is no constructor.
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

name: public(String[32])
symbol: public(String[8])
owner: public(address)  # the faucet's key
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@view
@external
def decimals() -> uint8:
    return 6


@external
def transfer(to: address, amount: uint256) -> bool:
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(sender: address, to: address, amount: uint256) -> bool:
    allowed: uint256 = self.allowance[sender][msg.sender]
    assert allowed >= amount, "ERC20: transfer amount exceeds allowance"
    self._move(sender, to, amount)
    self._approve(sender, msg.sender, allowed - amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self._approve(msg.sender, spender, amount)
    return True


@internal
def _approve(holder: address, spender: address, amount: uint256):
    assert spender != empty(address), "ERC20: approve to the zero address"
    self.allowance[holder][spender] = amount
    log Approval(owner=holder, spender=spender, value=amount)


@internal
def _move(sender: address, to: address, amount: uint256):
    assert to != empty(address), "ERC20: transfer to the zero address"
    held: uint256 = self.balanceOf[sender]
    assert held >= amount, "ERC20: transfer amount exceeds balance"
    self.balanceOf[sender] = held - amount
    self.balanceOf[to] += amount
    log Transfer(sender=sender, receiver=to, value=amount)


@internal
def _mint(to: address, amount: uint256):
    assert to != empty(address), "ERC20: mint to the zero address"
    self.totalSupply += amount
    self.balanceOf[to] += amount
    log Transfer(sender=empty(address), receiver=to, value=amount)


@internal
def _burn(holder: address, amount: uint256):
    held: uint256 = self.balanceOf[holder]
    assert held >= amount, "ERC20: burn amount exceeds balance"
    self.balanceOf[holder] = held - amount
    self.totalSupply -= amount
    log Transfer(sender=holder, receiver=empty(address), value=amount)
