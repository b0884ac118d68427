//! Tables of the odd multiples of a point at every window position, so that a multiple of it needs
//! additions only.
//!
//! Position j of a table of width w holds (2i + 1)·2^(wj)·Q for i < 2^(w−1). A scalar k is written with odd
//! digits: t = (k + 2^(wD) − 1)/2 mod n, D = ⌈256/w⌉, has base-2^w digits e_j, and
//! Σ (2e_j − (2^w − 1))·2^(wj) = 2t − (2^(wD) − 1) ≡ k. No digit is zero, for any k, zero included.
//! Source: Okeya and Takagi, "The width-w NAF method provides small memory and fast elliptic scalar
//! multiplications secure against side channel attacks", CT-RSA 2003, with the offset taken modulo n.

use crate::curve::{self, Batch, CHAINS, Lost, Products, Pt};
use crate::portable::{Fe, unpack};
use crate::vector::{Field, Point};

/// Width of the tables of registered keys: 43 positions of 32 points, 86 KiB.
pub const NARROW: u32 = 6;
/// The same on one lane, where building costs more: 52 positions of 16 points, 52 KiB.
pub const NARROW_PORTABLE: u32 = 5;
/// Width of the tables of keys that pay often: 32 positions of 128 points, 256 KiB.
pub const WIDE: u32 = 8;

/// Digits of a scalar at this width.
pub const fn positions(width: u32) -> usize {
    256u32.div_ceil(width) as usize
}

/// Points of one table.
pub const fn points(width: u32) -> usize {
    positions(width) << (width - 1)
}

/// (2^(wD) − 1)/2 mod n, limb by limb; D as above.
/// `python3 -c "n=2**256-432420386565659656852420866394968145599
/// for w in (5,6,8): D=-(-256//w); x=(2**(w*D)-1)*pow(2,-1,n)%n; print(w,[hex(x>>52*i&2**52-1) for i in range(5)])"`
pub const fn offset(width: u32) -> [u64; 5] {
    match width {
        NARROW_PORTABLE => [0x63adfe6691698, 0x3ddd5f4e3fe15, 0x987e087, 0, 0x800000000000],
        NARROW => [0x4722cc7ae9e1e, 0xa5f9130fa6604, 0x1e7f9b4, 0, 0x800000000000],
        WIDE => [0x6d0b997e4df5f, 0x8ca85bafe2201, 0xa2a891, 0, 0],
        _ => panic!("no table has this width"),
    }
}

/// 2^(wj)·Q for each position j, affine. Q is on the curve, so it has the prime order n and none of its
/// small multiples meet: no exception can occur in this file.
pub fn bases(key: &Point, width: u32) -> Vec<Pt<Fe>> {
    let w = key.0;
    let (x, y) = (Fe(unpack([w[0], w[1], w[2], w[3]])), Fe(unpack([w[4], w[5], w[6], w[7]])));
    let mut jacobian = vec![(x, y, Fe::ONE)];
    let mut p = jacobian[0];
    for _ in 1..positions(width) {
        for _ in 0..width {
            p = double_jacobian(p);
        }
        jacobian.push(p);
    }
    normalized(&jacobian)
}

/// (X, Y, Z) stands for (X/Z², Y/Z³). Source: Cohen, Miyaji, Ono, ASIACRYPT 1998, with a = 0.
fn double_jacobian((x, y, z): (Fe, Fe, Fe)) -> (Fe, Fe, Fe) {
    let y2 = y.sqr();
    let s = x.mul(y2);
    let s4 = s.add(s).add(s.add(s)).tight();
    let x2 = x.sqr();
    let m = x2.add(x2).add(x2).tight();
    let x3 = m.sqr_sub2(s4, s4);
    let y4 = y2.sqr();
    let y4 = y4.add(y4).add(y4.add(y4)).tight();
    let y3 = m.mul_sub(s4.sub(x3), y4.add(y4).tight());
    let yz = y.mul(z);
    (x3, y3, yz.add(yz).tight())
}

fn normalized(jacobian: &[(Fe, Fe, Fe)]) -> Vec<Pt<Fe>> {
    let mut prefix = Vec::with_capacity(jacobian.len());
    let mut product = Fe::ONE;
    for p in jacobian {
        prefix.push(product);
        product = product.mul(p.2);
    }
    let mut inverse = product.inverse().expect("a point of prime order has no zero Z");
    let mut out = vec![(Fe::ONE, Fe::ONE); jacobian.len()];
    for (i, &(x, y, z)) in jacobian.iter().enumerate().rev() {
        let own = inverse.mul(prefix[i]);
        inverse = inverse.mul(z);
        let square = own.sqr();
        out[i] = (x.mul(square), y.mul(square).mul(own));
    }
    out
}

/// One step of a build: odd multiples below 2^k plus 2^k·B give those below 2^(k+1), and 2^k·B is doubled.
struct Step<'a, F> {
    /// Row i holds (2i + 1)·B of every position; the last row is 2^k·B.
    rows: &'a mut [Pt<F>],
    known: usize,
    power: usize,
    width: usize,
}

impl<F: Field> Batch<F> for Step<'_, F> {
    #[inline(always)]
    fn groups(&self) -> usize {
        self.known + 1
    }
    #[inline(always)]
    fn width(&self) -> usize {
        self.width
    }
    #[inline(always)]
    fn denominator(&self, group: usize, at: usize) -> F {
        let power = self.rows[self.power * self.width + at];
        if group == 0 {
            power.1.add(power.1)
        } else {
            power.0.sub(self.rows[(group - 1) * self.width + at].0)
        }
    }
    #[inline(always)]
    fn numerator(&self, group: usize, at: usize) -> (F, F, F, F) {
        let power = self.rows[self.power * self.width + at];
        if group == 0 {
            let square = power.0.sqr();
            (square.add(square).add(square), power.0, power.0, power.1)
        } else {
            let p = self.rows[(group - 1) * self.width + at];
            (power.1.sub(p.1), p.0, power.0, p.1)
        }
    }
    /// Groups are finished from the last to the first, so the power is replaced after its last use.
    #[inline(always)]
    fn store(&mut self, group: usize, at: usize, point: Pt<F>) {
        let row = if group == 0 { self.power } else { self.known + group - 1 };
        self.rows[row * self.width + at] = point;
    }
}

/// The table of a point: positions one after the other, each with its odd multiples.
#[inline(always)]
pub fn build<F: Field>(key: &Point, width: u32) -> Vec<Point> {
    let count = positions(width);
    let bases = bases(key, width);
    let columns = count.div_ceil(F::LANES).next_multiple_of(CHAINS);
    let mut points = Vec::with_capacity(columns);
    for at in 0..columns {
        let (mut xs, mut ys) = ([Fe::ONE.0; 8], [Fe::ONE.0; 8]);
        for lane in 0..F::LANES {
            let (x, y) = bases[(at * F::LANES + lane).min(count - 1)];
            (xs[lane], ys[lane]) = (x.0, y.0);
        }
        points.push((F::from_lanes(&xs), F::from_lanes(&ys)));
    }
    odd_multiples(&points, count, 1 << (width - 1))
}

/// The first `half` odd multiples of each of `count` points, point after point. The points are on the curve.
#[inline(always)]
pub fn odd_multiples<F: Field>(points: &[Pt<F>], count: usize, half: usize) -> Vec<Point> {
    let columns = points.len();
    let one = F::splat([1, 0, 0, 0, 0]);
    let mut rows = vec![(one, one); (half + 1) * columns];
    rows[..columns].copy_from_slice(points);
    rows[half * columns..].copy_from_slice(points);
    let mut products = Products::of((half / 2 + 1) * columns);
    let mut lost = vec![Lost::default(); columns];
    let mut known = 0;
    while known < half {
        // The first step only doubles: 2·B from B.
        let mut step = Step { rows: &mut rows, known, power: half, width: columns };
        curve::run(&mut step, &mut products, &mut lost);
        known = if known == 0 { 1 } else { 2 * known };
    }
    let mut table = vec![Point::default(); count * half];
    let mut lanes = [Point::default(); 8];
    for index in 0..half {
        for at in 0..columns {
            let (x, y) = rows[index * columns + at];
            write_rows(x, y, &mut lanes);
            let first = at * F::LANES;
            for lane in 0..F::LANES.min(count.saturating_sub(first)) {
                table[(first + lane) * half + index] = lanes[lane];
            }
        }
    }
    table
}

/// Writes the point of each lane in a row of its own.
#[inline(always)]
pub fn write_rows<F: Field>(x: F, y: F, rows: &mut [Point]) {
    let (x, y) = (x.words(), y.words());
    for lane in 0..F::LANES {
        for word in 0..4 {
            rows[lane].0[word] = x[word][lane];
            rows[lane].0[4 + word] = y[word][lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::GENERATOR;
    use crate::dispatch::{build_table, paths};
    use crate::reference::point_of;
    use secp256k1::SecretKey;

    #[test]
    fn every_path_builds_the_same_table_and_it_holds_the_odd_multiples() {
        for width in [NARROW_PORTABLE, NARROW, WIDE] {
            let tables: Vec<_> =
                paths().into_iter().map(|path| build_table(path, &GENERATOR, width)).collect();
            assert!(tables.iter().all(|table| *table == tables[0]));
            let half = 1usize << (width - 1);
            for (position, index) in [(0, 0), (0, 1), (0, half - 1), (1, 0), (7, 3), (24, half - 1), (30, 2)]
            {
                let mut multiple = [0u8; 32];
                let (number, bit) = (2 * index + 1, position * width as usize);
                for i in 0..9 {
                    if number >> i & 1 == 1 {
                        multiple[31 - (bit + i) / 8] |= 1 << ((bit + i) % 8);
                    }
                }
                let key = SecretKey::from_secret_bytes(multiple).expect("below the order").public_key();
                assert_eq!(tables[0][position * half + index], point_of(&key), "{width} {position} {index}");
            }
        }
    }
}
