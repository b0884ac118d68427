//! The portable machine: one lane, five limbs of 52 bits, products of 64 × 64 bits in `u128`.

use crate::vector::{
    BIAS, Digits, FOLD, Field, M48, M52, Machine, N, N_NEGATED_INVERSE, P, Point, Ring, States, digit,
};
use crate::words::Words;

/// A field element.
#[derive(Clone, Copy, Debug)]
pub struct Fe(pub [u64; 5]);

/// A scalar modulo n.
#[derive(Clone, Copy, Debug)]
pub struct Sc(pub [u64; 5]);

/// The machine every processor has.
pub struct Portable;

/// Five limbs of 52 bits from four words.
#[inline(always)]
pub fn unpack(w: [u64; 4]) -> [u64; 5] {
    [
        w[0] & M52,
        (w[0] >> 52 | w[1] << 12) & M52,
        (w[1] >> 40 | w[2] << 24) & M52,
        (w[2] >> 28 | w[3] << 36) & M52,
        w[3] >> 16,
    ]
}

/// Four words from five carried limbs of a number below 2^256.
#[inline(always)]
pub fn pack(l: [u64; 5]) -> [u64; 4] {
    [l[0] | l[1] << 52, l[1] >> 12 | l[2] << 40, l[2] >> 24 | l[3] << 28, l[3] >> 36 | l[4] << 16]
}

#[inline(always)]
fn wide(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

/// Carries limbs below 2^63; folds what passes bit 256.
#[inline(always)]
fn carry(l: [u64; 5]) -> [u64; 5] {
    let mut out = [0; 5];
    let mut t = l[0] + (l[4] >> 48) * FOLD;
    let top = l[4] & M48;
    for i in 0..4 {
        out[i] = t & M52;
        t = (t >> 52) + if i < 3 { l[i + 1] } else { top };
    }
    out[4] = t;
    out
}

/// A product or square plus an addend, tight, for factors whose limbs are below 2^55.6 and an addend below 2^60 in each
/// limb; `$column($operands, k)` is column k.
///
/// Two columns are summed at a time, one of weight 2^(52k) in `low` and the one that folds onto it, of weight
/// 2^(52(k+5)), in `high`: 2^260 ≡ 16·FOLD. So only two wide sums are alive at once and all stays in registers.
/// Columns 3 and 4 go first, to know what passes bit 256 (folded by FOLD) before column 0 is finished.
/// No sum passes 2^117: five products below 2^111.2 each, and 52 + 37 bits that fold. (A macro: a function that takes
/// the column as a closure is not always inlined, and half as fast then.)
macro_rules! folded {
    ($column:ident($($operand:expr),+), $addend:expr) => {{
        const FOLD16: u64 = FOLD << 4;
        let addend: [u64; 5] = $addend;
        // Column 8 is one product below 2^104 (top limbs are below 2^52): its high part folds onto column 4.
        let eighth = $column($($operand),+, 8);
        let mut high = $column($($operand),+, 3) + u128::from(addend[3]) + wide(eighth as u64 & M52, FOLD16);
        let third = high as u64 & M52;
        high = (high >> 52) + $column($($operand),+, 4) + u128::from(addend[4]) + wide((eighth >> 52) as u64, FOLD16);
        let fourth = high as u64 & M48;
        let passed = high as u64 >> 48 & 0xf;
        high = (high >> 52) + $column($($operand),+, 5);
        // `passed` has weight 2^256, the rest 2^260: together one number of 56 bits that folds by FOLD.
        let mut low = $column($($operand),+, 0) + u128::from(addend[0]) + wide((high as u64 & M52) << 4 | passed, FOLD);
        let mut out = [low as u64 & M52, 0, 0, 0, 0];
        high = (high >> 52) + $column($($operand),+, 6);
        low = (low >> 52) + $column($($operand),+, 1) + u128::from(addend[1]) + wide(high as u64 & M52, FOLD16);
        out[1] = low as u64 & M52;
        high = (high >> 52) + $column($($operand),+, 7);
        low = (low >> 52) + $column($($operand),+, 2) + u128::from(addend[2]) + wide(high as u64 & M52, FOLD16);
        out[2] = low as u64 & M52;
        low = (low >> 52) + u128::from(third) + wide((high >> 52) as u64, FOLD16);
        out[3] = low as u64 & M52;
        out[4] = (low >> 52) as u64 + fourth;
        Fe(out)
    }};
}

/// Column k of a product: the sum of a_i·b_(k−i).
#[inline(always)]
fn product_column(a: [u64; 5], b: [u64; 5], k: usize) -> u128 {
    let mut sum = 0;
    for i in k.saturating_sub(4)..=k.min(4) {
        sum += wide(a[i], b[k - i]);
    }
    sum
}

/// Column k of a square: each product of two different limbs once, doubled.
#[inline(always)]
fn square_column(a: [u64; 5], k: usize) -> u128 {
    let mut sum = if k.is_multiple_of(2) { wide(a[k / 2], a[k / 2]) } else { 0 };
    for i in k.saturating_sub(4)..k.div_ceil(2) {
        sum += wide(2 * a[i], a[k - i]);
    }
    sum
}

impl Fe {
    /// The number one.
    pub const ONE: Self = Self([1, 0, 0, 0, 0]);

    /// The canonical words of a tight element.
    #[inline(always)]
    pub fn canonical(self) -> [u64; 4] {
        // Once is enough for a tight element; lost lanes are told by differences, which need both.
        let l = carry(carry(self.0));
        // v ≥ p exactly when v + 2^256 − p passes bit 256.
        let over = carry_plain([l[0] + FOLD, l[1], l[2], l[3], l[4]]);
        if over[4] >> 48 == 0 { pack(l) } else { pack([over[0], over[1], over[2], over[3], over[4] & M48]) }
    }

    /// The inverse, or None of zero.
    pub fn inverse(self) -> Option<Self> {
        crate::modinv::invert(&self.canonical(), &crate::modinv::FIELD).map(|words| Self(unpack(words)))
    }
}

#[inline(always)]
fn carry_plain(l: [u64; 5]) -> [u64; 5] {
    let mut out = [0; 5];
    let mut t = 0;
    for i in 0..4 {
        t += l[i];
        out[i] = t & M52;
        t >>= 52;
    }
    out[4] = t + l[4];
    out
}

impl Field for Fe {
    const LANES: usize = 1;

    #[inline(always)]
    fn splat(limbs: [u64; 5]) -> Self {
        Self(limbs)
    }

    #[inline(always)]
    fn load(words: &Words) -> Self {
        Self(unpack([words[0][0], words[1][0], words[2][0], words[3][0]]))
    }

    #[inline(always)]
    fn words(self) -> Words {
        let mut out = [[0; 8]; 4];
        for (lanes, word) in out.iter_mut().zip(self.canonical()) {
            lanes[0] = word;
        }
        out
    }

    #[inline(always)]
    fn lane(self, _: usize) -> [u64; 5] {
        self.0
    }

    #[inline(always)]
    fn from_lanes(lanes: &[[u64; 5]; 8]) -> Self {
        Self(lanes[0])
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        folded!(product_column(self.0, other.0), [0; 5])
    }

    #[inline(always)]
    fn sqr(self) -> Self {
        folded!(square_column(self.0), [0; 5])
    }

    #[inline(always)]
    fn mul_sub(self, b: Self, c: Self) -> Self {
        folded!(product_column(self.0, b.0), Self([0; 5]).sub(c).0)
    }

    #[inline(always)]
    fn sqr_sub2(self, b: Self, c: Self) -> Self {
        folded!(square_column(self.0), Self([0; 5]).sub(b.add(c)).0)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut out = self.0;
        for i in 0..5 {
            out[i] += other.0[i];
        }
        Self(out)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut out = self.0;
        for i in 0..5 {
            out[i] += BIAS[i] - other.0[i];
        }
        Self(out)
    }

    #[inline(always)]
    fn tight(self) -> Self {
        Self(carry(self.0))
    }

    #[inline(always)]
    fn times<const K: u64>(self) -> Self {
        Self(carry(self.0.map(|limb| limb * K)))
    }

    #[inline(always)]
    fn negated_where(self, mask: u8) -> Self {
        let mut out = self.0;
        for i in 0..5 {
            out[i] = if mask & 1 == 1 { BIAS[i] / 2 - out[i] } else { out[i] };
        }
        Self(out)
    }

    #[inline(always)]
    fn one_where(self, mask: u8) -> Self {
        if mask & 1 == 1 { Self::ONE } else { self }
    }

    #[inline(always)]
    fn zero_lanes(self) -> u8 {
        u8::from(self.canonical() == [0; 4])
    }

    #[inline(always)]
    fn gather(rows: &[&Point], signs: u8) -> (Self, Self) {
        let &Point([x0, x1, x2, x3, y0, y1, y2, y3]) = rows[0];
        (Self(unpack([x0, x1, x2, x3])), Self(unpack([y0, y1, y2, y3])).negated_where(signs))
    }

    #[inline(always)]
    fn gather_x(rows: &[&Point]) -> Self {
        let &Point([x0, x1, x2, x3, ..]) = rows[0];
        Self(unpack([x0, x1, x2, x3]))
    }
}

impl Sc {
    /// The canonical words of a scalar below 3n.
    #[inline(always)]
    pub fn canonical(self) -> [u64; 4] {
        let mut l = carry_plain(self.0);
        for _ in 0..2 {
            let mut less = [0u64; 5];
            let mut borrow = 0u64;
            for i in 0..5 {
                let t = l[i].wrapping_sub(N[i]).wrapping_sub(borrow);
                borrow = t >> 63;
                less[i] = if i < 4 { t & M52 } else { t };
            }
            if borrow == 0 {
                l = less;
            }
        }
        pack(l)
    }

    /// From the Montgomery form of a number, the Montgomery form of its inverse; None of zero.
    pub fn inverse(self) -> Option<Self> {
        let inverted = crate::modinv::invert(&self.canonical(), &crate::modinv::ORDER)?;
        Some(Self(unpack(inverted)).montgomery(Self(crate::vector::R3)))
    }
}

impl Ring for Sc {
    #[inline(always)]
    fn splat(limbs: [u64; 5]) -> Self {
        Self(limbs)
    }

    #[inline(always)]
    fn load(words: &Words) -> Self {
        Self(unpack([words[0][0], words[1][0], words[2][0], words[3][0]]))
    }

    /// self·other / 2^260 mod n: each round adds the multiple of n that clears the lowest limb.
    #[inline(always)]
    fn montgomery(self, other: Self) -> Self {
        let mut t = [0u128; 10];
        for k in 0..9 {
            t[k] = product_column(self.0, other.0, k);
        }
        for i in 0..5 {
            let m = (t[i] as u64).wrapping_mul(N_NEGATED_INVERSE) & M52;
            for j in 0..5 {
                t[i + j] += wide(m, N[j]);
            }
            t[i + 1] += t[i] >> 52;
        }
        let mut out = [0u64; 5];
        for i in 0..4 {
            out[i] = t[i + 5] as u64 & M52;
            t[i + 6] += t[i + 5] >> 52;
        }
        out[4] = t[9] as u64;
        Self(out)
    }

    #[inline(always)]
    fn lane(self, _: usize) -> [u64; 5] {
        self.0
    }

    #[inline(always)]
    fn from_lanes(lanes: &[[u64; 5]; 8]) -> Self {
        Self(lanes[0])
    }

    #[inline(always)]
    fn words_plus(self, offset: [u64; 5]) -> Words {
        let mut sum = self.0;
        for i in 0..5 {
            sum[i] += offset[i];
        }
        let mut out = [[0; 8]; 4];
        for (lanes, word) in out.iter_mut().zip(Self(sum).canonical()) {
            lanes[0] = word;
        }
        out
    }
}

impl Machine for Portable {
    type Fe = Fe;
    type Sc = Sc;

    #[inline(always)]
    fn digits(words: &Words, width: u32, position: u32) -> Digits {
        [digit([words[0][0], words[1][0], words[2][0], words[3][0]], width, position), 0, 0, 0, 0, 0, 0, 0]
    }

    #[inline(always)]
    fn permute(states: &mut States) {
        let mut state = states.map(|lanes| lanes[0]);
        crate::keccak::permute(&mut state);
        for (lanes, word) in states.iter_mut().zip(state) {
            lanes[0] = word;
        }
    }
}

const _: () = assert!(P[4] == M48 && BIAS[0] == 8 * P[0] && BIAS[4] == 8 * P[4]);
