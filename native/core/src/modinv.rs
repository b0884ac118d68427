//! Inverses modulo an odd 256-bit prime, in variable time: for public numbers only.
//!
//! Source: Bernstein and Yang, "Fast constant-time gcd computation and modular inversion", CHES 2019. With
//! f odd, δ tracks the difference of the lengths of f and g; 62 division steps depend on the low 62 bits of
//! f and g only, so they are collected in a 2 × 2 matrix and applied to the long numbers once. Several low
//! bits of g are cancelled at a time: g + w·f ≡ 0 mod 2^k for w = −g/f, and f·(2 − f²) is 1/f mod 2^6, one
//! Newton step from f ≡ 1/f mod 2^3.

const LIMB: u64 = u64::MAX >> 2;

/// A number in five signed limbs of 62 bits; all but the last are in 0..2^62.
type Long = [i64; 5];

/// A prime and its inverse modulo 2^62.
pub struct Modulus {
    limbs: Long,
    inverse: u64,
}

/// The field prime. `python3 -c "p=2**256-2**32-977; print(hex(pow(p,-1,2**62)))"`
pub const FIELD: Modulus =
    Modulus::new([0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX], 0x27c7_f6e2_2dda_cacf);

/// The group order. `python3 -c "n=2**256-432420386565659656852420866394968145599; print(hex(pow(n,-1,2**62)))"`
pub const ORDER: Modulus = Modulus::new(
    [0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, u64::MAX],
    0x34f2_0099_aa77_4ec1,
);

impl Modulus {
    const fn new(words: [u64; 4], inverse: u64) -> Self {
        Self { limbs: long(words), inverse }
    }
}

const fn long(w: [u64; 4]) -> Long {
    [
        (w[0] & LIMB) as i64,
        ((w[0] >> 62 | w[1] << 2) & LIMB) as i64,
        ((w[1] >> 60 | w[2] << 4) & LIMB) as i64,
        ((w[2] >> 58 | w[3] << 6) & LIMB) as i64,
        (w[3] >> 56) as i64,
    ]
}

fn words(l: Long) -> [u64; 4] {
    let l = l.map(|limb| limb as u64);
    [l[0] | l[1] << 62, l[1] >> 2 | l[2] << 60, l[2] >> 4 | l[3] << 58, l[3] >> 6 | l[4] << 56]
}

/// The inverse of a number below the modulus, or None for zero.
pub fn invert(number: &[u64; 4], modulus: &Modulus) -> Option<[u64; 4]> {
    if *number == [0; 4] {
        return None;
    }
    let (mut f, mut g) = (modulus.limbs, long(*number));
    let (mut d, mut e) = ([0; 5], [1, 0, 0, 0, 0]);
    let mut eta = -1;
    while g != [0; 5] {
        let matrix;
        (eta, matrix) = division_steps(eta, f[0] as u64, g[0] as u64);
        apply_modular(&mut d, &mut e, &matrix, modulus);
        apply_exact(&mut f, &mut g, &matrix);
    }
    // f is now 1 or −1, and d ≡ f / number.
    Some(words(normalized(d, f[4] < 0, modulus)))
}

/// 62 division steps on the low bits; eta is −δ. The matrix is scaled by 2^62.
fn division_steps(mut eta: i64, mut f: u64, mut g: u64) -> (i64, [i64; 4]) {
    let [mut u, mut v, mut q, mut r] = [1u64, 0, 0, 1];
    let mut left = 62u32;
    loop {
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            return (eta, [u as i64, v as i64, q as i64, r as i64]);
        }
        if eta < 0 {
            eta = -eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // Until eta runs out no swap can happen, so that many bits may go at once.
        let bits = (eta + 1).min(i64::from(left)).min(6) as u32;
        let inverse = f.wrapping_mul(2u64.wrapping_sub(f.wrapping_mul(f)));
        let w = g.wrapping_neg().wrapping_mul(inverse) & ((1 << bits) - 1);
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
}

/// (f, g) = matrix · (f, g) / 2^62; the division is exact.
fn apply_exact(f: &mut Long, g: &mut Long, m: &[i64; 4]) {
    let [u, v, q, r] = m.map(i128::from);
    let (mut cf, mut cg) = (0i128, 0i128);
    for i in 0..5 {
        let (fi, gi) = (i128::from(f[i]), i128::from(g[i]));
        cf += u * fi + v * gi;
        cg += q * fi + r * gi;
        if i > 0 {
            f[i - 1] = (cf as u64 & LIMB) as i64;
            g[i - 1] = (cg as u64 & LIMB) as i64;
        }
        cf >>= 62;
        cg >>= 62;
    }
    f[4] = cf as i64;
    g[4] = cg as i64;
}

/// (d, e) = matrix · (d, e) / 2^62 modulo the modulus, both kept in (−2·modulus, modulus).
fn apply_modular(d: &mut Long, e: &mut Long, m: &[i64; 4], modulus: &Modulus) {
    let [u, v, q, r] = *m;
    let (negative_d, negative_e) = (d[4] >> 63, e[4] >> 63);
    // Adding the modulus to negative numbers first keeps the result in range.
    let mut md = (u & negative_d).wrapping_add(v & negative_e);
    let mut me = (q & negative_d).wrapping_add(r & negative_e);
    let low = |a: i64, b: i64, c: i64, e: i64| (a.wrapping_mul(b).wrapping_add(c.wrapping_mul(e))) as u64;
    md -= (modulus.inverse.wrapping_mul(low(u, d[0], v, e[0])).wrapping_add(md as u64) & LIMB) as i64;
    me -= (modulus.inverse.wrapping_mul(low(q, d[0], r, e[0])).wrapping_add(me as u64) & LIMB) as i64;
    let (mut cd, mut ce) = (0i128, 0i128);
    for i in 0..5 {
        let (di, ei, mi) = (i128::from(d[i]), i128::from(e[i]), i128::from(modulus.limbs[i]));
        cd += i128::from(u) * di + i128::from(v) * ei + mi * i128::from(md);
        ce += i128::from(q) * di + i128::from(r) * ei + mi * i128::from(me);
        if i > 0 {
            d[i - 1] = (cd as u64 & LIMB) as i64;
            e[i - 1] = (ce as u64 & LIMB) as i64;
        }
        cd >>= 62;
        ce >>= 62;
    }
    d[4] = cd as i64;
    e[4] = ce as i64;
}

fn normalized(mut d: Long, negate: bool, modulus: &Modulus) -> Long {
    if d[4] < 0 {
        d = combine(d, modulus.limbs, 1);
    }
    if negate {
        d = combine([0; 5], d, -1);
    }
    if d[4] < 0 {
        d = combine(d, modulus.limbs, 1);
    }
    d
}

/// a + sign·b, carried.
fn combine(a: Long, b: Long, sign: i64) -> Long {
    let mut out = [0; 5];
    let mut carry = 0i64;
    for i in 0..5 {
        let sum = a[i] + sign * b[i] + carry;
        carry = sum >> 62;
        out[i] = if i < 4 { (sum as u64 & LIMB) as i64 } else { sum };
    }
    out
}
