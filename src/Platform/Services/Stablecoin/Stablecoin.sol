// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @notice A fiat-backed token: minted by the mint desk alone, redeemable, with the controls that the law asks of an issuer.
/// @dev Invariants: the sum of all balances is the supply; a frozen account neither sends nor receives nor spends another's allowance nor is minted to;
/// while paused no balance changes but by a forced transfer; a forced transfer keeps the supply; nothing burns another's balance;
/// a permit or an authorisation is good once. Roles live in the access manager.
contract Stablecoin is ERC20Permit, ERC3009, AccessManaged, Pausable {
    error AccountFrozen(address account);
    error NoOrder();

    event Frozen(address indexed account, bytes32 indexed order);
    event Unfrozen(address indexed account, bytes32 indexed order);
    /// @param order Keccak-256 of the lawful order that compels it.
    event ForcedTransfer(address indexed from, address indexed to, uint256 amount, bytes32 indexed order);

    uint8 internal immutable _decimals;

    mapping(address account => bool) public isFrozen;

    bool transient internal _isForced;

    /// @param decimals_ As the currency's minor unit has them, or more; fixed for good.
    constructor(string memory name, string memory symbol, uint8 decimals_, address authority)
        ERC20(name, symbol) ERC20Permit(name) AccessManaged(authority)
    {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    /// @notice Creates tokens. The mint desk calls it, which holds every mint to the reserve.
    function mint(address to, uint256 amount) external restricted {
        _mint(to, amount);
    }

    /// @notice Destroys tokens of the caller. The redemption queue does so with what it paid out.
    function burn(uint256 amount) external restricted {
        _burn(msg.sender, amount);
    }

    /// @notice Freezes an account, or lets it go. The order desk calls it with the order that four eyes have seen.
    function freeze(address account, bool frozen, bytes32 order) external restricted {
        if (order == 0) revert NoOrder();
        isFrozen[account] = frozen;
        if (frozen) emit Frozen(account, order);
        else emit Unfrozen(account, order);
    }

    /// @notice Moves tokens as a court has ordered, whether the account is frozen or the token paused.
    function forceTransfer(address from, address to, uint256 amount, bytes32 order) external restricted {
        if (order == 0) revert NoOrder();
        if (isFrozen[to]) revert AccountFrozen(to);

        _isForced = true;
        _transfer(from, to, amount);
        _isForced = false;
        emit ForcedTransfer(from, to, amount, order);
    }

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    /// @dev Every change of a balance passes here.
    function _update(address from, address to, uint256 amount) internal override {
        if (!_isForced) {
            _requireNotPaused();
            if (isFrozen[from]) revert AccountFrozen(from);
            if (isFrozen[to]) revert AccountFrozen(to);
        }
        super._update(from, to, amount);
    }

    /// @dev A frozen account does not move what others have allowed it to.
    function _spendAllowance(address owner, address spender, uint256 amount) internal override {
        if (isFrozen[spender]) revert AccountFrozen(spender);
        super._spendAllowance(owner, spender, amount);
    }
}
