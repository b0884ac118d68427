//! The one accept set of signatures: what every path, the gateway and the contract agree on.
//!
//! A signature is r ‖ s ‖ v with 0 < r < n, 0 < s ≤ n/2 and v one of 27, 28 (0 and 1 mean the same).
//! v of 29 and 30 (R.x = r + n, possible for tiny r only) is refused: the EVM cannot say it. The digest
//! is taken modulo n. Out-of-range numbers are refused, never reduced.
//! Standards: SEC 1 section 4.1.4, EIP-2 (low s), the Ethereum yellow paper's appendix F (v).

/// The order of the group, big-endian.
/// `python3 -c "print(hex(2**256 - 432420386565659656852420866394968145599))"`
pub const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba,
    0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// (order − 1) / 2, the largest s that is low.
/// `python3 -c "print(hex((2**256 - 432420386565659656852420866394968145599) // 2))"`
pub const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d,
    0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// A signature inside the accept set; only its equation is still to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'a> {
    /// r ‖ s, big-endian.
    pub compact: &'a [u8; 64],
    /// Whether the y of the nonce point R is odd.
    pub y_is_odd: bool,
}

impl<'a> Signature<'a> {
    /// The signature in these bytes, or None when it is outside the accept set.
    pub fn parse(bytes: &'a [u8; 65]) -> Option<Self> {
        let (compact, v) = bytes.split_first_chunk::<64>()?;
        let y_is_odd = match v[0] {
            0 | 27 => false,
            1 | 28 => true,
            _ => return None,
        };
        let signature = Self { compact, y_is_odd };
        let (r, s) = (signature.r(), signature.s());
        let r_in_range = *r != [0; 32] && *r < ORDER;
        let s_in_range = *s != [0; 32] && *s <= HALF_ORDER;
        (r_in_range && s_in_range).then_some(signature)
    }

    /// The x of R, big-endian.
    pub fn r(&self) -> &'a [u8; 32] {
        self.compact.first_chunk().expect("64 bytes have a first half")
    }

    /// The second half of the signature, big-endian.
    pub fn s(&self) -> &'a [u8; 32] {
        self.compact.last_chunk().expect("64 bytes have a second half")
    }
}
