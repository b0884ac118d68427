// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Reason} from "../Reason.sol";
import {Run} from "../libraries/Run.sol";
import {Words} from "../libraries/Words.sol";
import {Handler} from "./Handler.sol";

/// @title Records of the signers' roles, and of the period's cap (14)
/// @dev Decides the role and allowance of a signer, that two staff are always left, and the cap of a period.
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
            Reason reason =
                _two(run, at + 30, nonce, keccak256(abi.encode(ROLE, account, role, allowed, first, nonce)));
            if (reason != Reason.None) return reason;
            if (role > Words.PERIOD_CAP || (account == address(0)) != (role > Words.ROLE_LAST)) {
                return Reason.RoleInvalid;
            }
            if (role == 0 && allowed != 0) return Reason.RoleInvalid;
            if (role <= Words.ROLE_LAST) {
                if (!_setRole(account, role, allowed)) return Reason.StaffTooFew;
            } else {
                uint256 period = _period;
                uint256 kept = (period >> Words.STAFF_AT) << Words.STAFF_AT;
                if (role == Words.PERIOD_OPENS) kept |= Words.dayOf(run.asOf) << Words.FIRST_DAY_AT;
                else if ((period >> Words.FIRST_DAY_AT) & Words.M24 == 0) return Reason.RoleInvalid; // none is open
                else kept = (period >> 64) << 64;
                _period = kept | allowed;
            }
            emit SignerRoleChanged(account, role, allowed);
            return Reason.None;
        }
    }

    /// @return isDone false, if fewer than two staff would be left; then nothing changed.
    function _setRole(address account, uint256 role, uint256 allowed) internal returns (bool isDone) {
        unchecked {
            uint256 word = _signers[account];
            bool wasStaff = (word >> Words.ROLE_AT) & 0xFF == Words.ROLE_STAFF;
            if (wasStaff != (role == Words.ROLE_STAFF)) {
                uint256 period = _period;
                if (wasStaff && period >> Words.STAFF_AT <= Words.MINIMUM_STAFF) return false;
                _period = wasStaff ? period - (1 << Words.STAFF_AT) : period + (1 << Words.STAFF_AT);
            }
            uint256 window = word & ((1 << Words.ROLE_AT) - 1);
            _signers[account] = window | (role << Words.ROLE_AT) | (allowed << Words.ALLOWANCE_AT);
            return true;
        }
    }
}
