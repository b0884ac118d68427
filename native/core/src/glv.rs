//! Halves scalars: k ≡ k1 + k2·λ with both about 128 bits and odd, so that half as many doublings are needed.
//!
//! (x, y) → (β·x, y) multiplies a point by λ, where β³ = 1 mod p and λ³ = 1 mod n. The pairs (a, b) with
//! a + b·λ ≡ 0 mod n are a lattice; the extended Euclidean algorithm on n and λ gives two short ones, V1 and V2.
//! Taking the whole multiples c1·V1 + c2·V2 nearest below (k, 0) away leaves a short pair. V1 and V2 are
//! independent modulo 2 (their determinant is n, which is odd), so taking one more of each where needed makes
//! both halves odd: |k1| < |a1| + |a2| < 2^129 and |k2| < |b1| + |b2| < 2^129.
//! Sources: Gallant, Lambert and Vanstone, "Faster point multiplication on elliptic curves with efficient
//! endomorphisms", CRYPTO 2001; for odd halves: Faz-Hernández, Longa and Sánchez, CT-RSA 2014, section 3.2.
//!
//! The constants, by plain Python (λ is that root of one for which λ·G = (β·x, y)):
//! ```text
//! n = 2**256 - 432420386565659656852420866394968145599
//! λ = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72
//! r0, t0, r1, t1, rows = n, 0, λ, 1, []
//! while r1: q = r0 // r1; r0, t0, r1, t1 = r1, t1, r0 - q*r1, t0 - q*t1; rows.append((r0, -t0))
//! (a2, b2), (a1, b1) = next((u, v) for u, v in zip(rows, rows[1:]) if v[0] < 2**128)
//! print(*map(hex, (a1, b1, a2, b2, (b2 << 384) // n, (-b1 << 384) // n)))
//! ```

/// Width of a digit of a half.
pub const WIDTH: u32 = 5;
/// Digits of a half: 26 of 5 bits hold every odd number between −2^130 and 2^130.
pub const DIGITS: usize = 26;
/// Odd multiples that the digits name: 1, 3, … 31.
pub const MULTIPLES: usize = 1 << (WIDTH - 1);

/// V1 = (A1, −B1) and V2 = (A2, A1).
const A1: [u64; 3] = [0xe86c_90e4_9284_eb15, 0x3086_d221_a7d4_6bcd, 0];
const B1: [u64; 3] = [0x6f54_7fa9_0abf_e4c3, 0xe443_7ed6_010e_8828, 0];
const A2: [u64; 3] = [0x57c1_108d_9d44_cfd8, 0x14ca_50f7_a8e2_f3f6, 1];

/// 2^384·A1/n and 2^384·B1/n, rounded down.
const G1: [u64; 4] =
    [0xe893_209a_45db_b030, 0x3daa_8a14_71e8_ca7f, 0xe86c_90e4_9284_eb15, 0x3086_d221_a7d4_6bcd];
const G2: [u64; 4] =
    [0x1571_b4ae_8ac4_7f71, 0x2212_08ac_9df5_06c6, 0x6f54_7fa9_0abf_e4c4, 0xe443_7ed6_010e_8828];

/// The digits of one half, the lowest first: each names an odd multiple, bit 15 its sign.
pub type Digits = [u16; DIGITS];

/// The digits of both halves of a scalar below n.
pub fn split(k: &[u64; 4]) -> [Digits; 2] {
    let (c1, c2) = (high_product(k, &G1), high_product(k, &G2));
    // k1 = k − c1·A1 − c2·A2 has the parity of k + c1, k2 = c1·B1 − c2·A1 that of c1 + c2.
    let c1 = plus(c1, (k[0] ^ c1[0] ^ 1) & 1);
    let c2 = plus(c2, (c1[0] ^ c2[0] ^ 1) & 1);
    let k1 = minus(minus([k[0], k[1], k[2]], product(c1, A1)), product(c2, A2));
    let k2 = minus(product(c1, B1), product(c2, A1));
    [digits(k1), digits(k2)]
}

/// t = (k + 2^130 − 1)/2 has base-32 digits e, and Σ (2e − 31)·32^j = 2t − (2^130 − 1) = k.
fn digits(k: [u64; 3]) -> Digits {
    let doubled = plus([k[0], k[1], k[2].wrapping_add(4)], u64::MAX);
    let t = [doubled[0] >> 1 | doubled[1] << 63, doubled[1] >> 1 | doubled[2] << 63, doubled[2] >> 1];
    let mut out = [0; DIGITS];
    for (position, digit) in out.iter_mut().enumerate() {
        let (word, shift) = (WIDTH as usize * position / 64, WIDTH as usize * position % 64);
        let above = if word < 2 { t[word + 1] } else { 0 };
        let e = ((t[word] >> shift | (above << 1) << (63 - shift)) & 31) as u16;
        // e ≥ 16 stands for the odd number 2(e − 16) + 1, the others for its negatives, mirrored.
        *digit = if e < 16 { (15 - e) | 1 << 15 } else { e - 16 };
    }
    out
}

/// a·b / 2^384, rounded down.
fn high_product(a: &[u64; 4], b: &[u64; 4]) -> [u64; 3] {
    let mut out = [0u64; 8];
    for i in 0..4 {
        let mut carry = 0u128;
        for j in 0..4 {
            carry += u128::from(out[i + j]) + u128::from(a[i]) * u128::from(b[j]);
            out[i + j] = carry as u64;
            carry >>= 64;
        }
        out[i + 4] = carry as u64;
    }
    [out[6], out[7], 0]
}

/// Numbers modulo 2^192 in two's complement from here on.
fn product(a: [u64; 3], b: [u64; 3]) -> [u64; 3] {
    let mut out = [0u64; 3];
    for i in 0..3 {
        let mut carry = 0u128;
        for j in 0..3 - i {
            carry += u128::from(out[i + j]) + u128::from(a[i]) * u128::from(b[j]);
            out[i + j] = carry as u64;
            carry >>= 64;
        }
    }
    out
}

fn minus(a: [u64; 3], b: [u64; 3]) -> [u64; 3] {
    let (mut out, mut borrow) = ([0; 3], false);
    for i in 0..3 {
        let (t, b1) = a[i].overflowing_sub(b[i]);
        let (t, b2) = t.overflowing_sub(u64::from(borrow));
        (out[i], borrow) = (t, b1 || b2);
    }
    out
}

/// a + b for a b of one word; `u64::MAX` stands for −1.
fn plus(a: [u64; 3], b: u64) -> [u64; 3] {
    if b == u64::MAX { minus(a, [1, 0, 0]) } else { minus(a, minus([0; 3], [b, 0, 0])) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secp256k1::{Scalar, SecretKey};

    const LAMBDA: [u8; 32] = [
        0x53, 0x63, 0xad, 0x4c, 0xc0, 0x5c, 0x30, 0xe0, 0xa5, 0x26, 0x1c, 0x02, 0x88, 0x12, 0x64, 0x5a, 0x12,
        0x2e, 0x22, 0xea, 0x20, 0x81, 0x66, 0x78, 0xdf, 0x02, 0x96, 0x7c, 0x1b, 0x23, 0xbd, 0x72,
    ];

    /// The sum that digits stand for, by Horner's rule in libsecp256k1's scalars.
    fn value(digits: &Digits) -> SecretKey {
        let small = |digit: u16| {
            let mut bytes = [0; 32];
            bytes[31] = 2 * (digit & 0x7fff) as u8 + 1;
            let key = SecretKey::from_secret_bytes(bytes).expect("odd");
            if digit >> 15 == 1 { key.negate() } else { key }
        };
        let mut base = [0; 32];
        base[31] = 32;
        let base = Scalar::from_be_bytes(base).expect("small");
        let mut sum = small(digits[DIGITS - 1]);
        for &digit in digits[..DIGITS - 1].iter().rev() {
            sum = sum.mul_tweak(&base).expect("not zero");
            sum = sum.add_tweak(&Scalar::from(small(digit))).expect("not zero");
        }
        sum
    }

    #[test]
    fn the_digits_of_both_halves_sum_to_the_scalar() {
        let lambda = Scalar::from_be_bytes(LAMBDA).expect("below the order");
        let mut edges = vec![[0u8; 32]; 4];
        edges[0][31] = 1;
        edges[1][31] = 2;
        edges[2] = crate::signature::HALF_ORDER;
        edges[3] = crate::signature::ORDER;
        edges[3][31] -= 1;
        edges.push(LAMBDA);
        for i in 0..2000u32 {
            let mut number = crate::keccak::keccak256(&i.to_le_bytes());
            // Runs of zeros and ones, to meet the edges of the rounding.
            if i % 3 == 0 {
                number[(i as usize / 3) % 32..].fill(if i % 2 == 0 { 0 } else { 0xff });
                number[0] &= 0x7f;
                number[31] |= 1;
            }
            edges.push(number);
        }

        for number in edges {
            let [first, second] = split(&crate::words::big_endian(&number));

            let shifted = value(&second).mul_tweak(&lambda).expect("not zero");
            let sum = value(&first).add_tweak(&Scalar::from(shifted)).expect("the number is not zero");
            assert_eq!(sum.to_secret_bytes(), number);
        }
    }
}
