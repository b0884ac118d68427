// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Reason} from "../Reason.sol";
import {Run} from "../libraries/Run.sol";
import {Words} from "../libraries/Words.sol";
import {Handler} from "./Handler.sol";

/// @title Records of the signers' roles, and of the period's cap (14)
/// @dev Decides the role and allowance of a signer, and the cap of a period.
abstract contract Roles is Handler {
    bytes32 private constant ROLE =
        keccak256("Role(address account,uint256 role,uint256 allowance,address first,uint256 nonce)");

    /// @dev 14: account 20 · role 1 · allowance 8 · two.
    function _role(Run memory run, uint256 at) internal returns (Reason) {
        unchecked {
            address account = _address(at + 1);
            uint256 role = _read(at + 21, 1);
            uint256 allowed = _read(at + 22, 8);
            address first = _address(at + 30);
            (uint256 nonce, bool isInside) = _completed(first, _read(at + 70, 2));
            if (!isInside) return Reason.NonceOutOfWindow;
            Reason reason = _two(run, at + 30, nonce, keccak256(abi.encode(ROLE, account, role, allowed, first, nonce)));
            if (reason != Reason.None) return reason;
            if (role > Words.PERIOD_CAP || (account == address(0)) != (role > Words.ROLE_LAST)) {
                return Reason.RoleInvalid;
            }
            if (role == 0 && allowed != 0) return Reason.RoleInvalid;
            if (role <= Words.ROLE_LAST) _setRole(account, role, allowed);
            else if (role == Words.PERIOD_OPENS) _period = allowed | (Words.dayOf(run.asOf) << 128);
            else if (_period >> 128 == 0) return Reason.RoleInvalid; // no period is open
            else _period = ((_period >> 64) << 64) | allowed;
            emit SignerRoleChanged(account, role, allowed);
            return Reason.None;
        }
    }

    function _setRole(address account, uint256 role, uint256 allowed) internal {
        uint256 window = _signers[account] & ((1 << Words.ROLE_AT) - 1);
        _signers[account] = window | (role << Words.ROLE_AT) | (allowed << Words.ALLOWANCE_AT);
    }
}
