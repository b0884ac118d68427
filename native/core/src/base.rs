//! The generator's table, blinded: entry e of position j is e·2^(wj)·G + T_j, with secret points T_j that sum to
//! zero.
//!
//! A sum of one entry of every position is the multiple of G that the base-2^w digits of a scalar mean. Digits
//! may be zero, for no entry is the point at infinity. But the blinding is not for that: whoever makes a signature
//! knows how its sum is formed and could choose scalars for which two partial sums are equal or opposite, which
//! affine addition cannot add (see [`crate::curve`]); each such row would cost a call of libsecp256k1 besides.
//!
//! * With the T_j no partial sum over some but not all positions of the generator can be foreseen, so two that meet
//!   cannot be arranged, and by chance they meet with a probability of about 2^-250.
//! * Partial sums of the key alone are formed of its lowest positions ([`crate::kernel`] pairs each of the others
//!   with a position of the generator, and tests that no partial sum has all of the generator's), where Σ ± d_i·2^(wi) with odd digits d_i is an integer far below n and an odd
//!   multiple of 2^(wi) for its lowest i: never zero, so no two of them are equal or opposite.
//! * The last addition has all positions on its two sides A and B. A = B would need twice the T_j of one side. A = −B
//!   anybody can arrange (r = −z/d for any s): the sum is the point at infinity, which is no R. The kernel knows it
//!   when it sees it and refuses the row.
//!
//! Verdicts depend on none of this. Source of the idea: Coron, "Resistance against differential power analysis for
//! elliptic curve cryptosystems", CHES 1999, section 5.2; there against an observer, here against a signer.

use secp256k1::{Scalar, SecretKey};

use crate::curve::{self, Batch, CHAINS, Lost, Products, Pt};
use crate::pages::Pages;
use crate::portable::{Fe, unpack};
use crate::reference::point_of;
use crate::table::positions;
use crate::vector::{Digits, Field, Point};
use crate::words::Words;

/// The generator: SEC 2, section 2.4.1.
pub const GENERATOR: Point = Point([
    0x59f2815b16f81798,
    0x029bfcdb2dce28d9,
    0x55a06295ce870b07,
    0x79be667ef9dcbbac,
    0x9c47d08ffb10d4b8,
    0xfd17b448a6855419,
    0x5da4fbfc0e1108a8,
    0x483ada7726a3c465,
]);

/// Bits of a digit: 21 positions of 4,096 points and one of the last four bits, 5.3 MiB.
pub const WIDTH: u32 = 12;
/// Digits of a scalar.
pub const POSITIONS: usize = positions(WIDTH);
const ENTRIES: usize = 1 << WIDTH;

/// The points of all positions.
const POINTS: usize = ((POSITIONS - 1) << WIDTH) + (1 << (256 - WIDTH as usize * (POSITIONS - 1)));

/// The table, shared by all signatures.
pub struct Base(Pages);

impl Base {
    /// Blinded afresh.
    pub fn new() -> Self {
        let mut secrets: Vec<SecretKey> = (1..POSITIONS).map(|_| random()).collect();
        let sum =
            secrets[1..].iter().try_fold(secrets[0], |sum, secret| sum.add_tweak(&Scalar::from(*secret)));
        secrets.push(sum.expect("random numbers sum to zero once in 2^256 times").negate());
        let base = Self::blinded_by(&secrets);
        secrets.iter_mut().for_each(SecretKey::non_secure_erase);
        base
    }

    /// Blinded by these scalars, one a position, which sum to zero.
    pub fn blinded_by(secrets: &[SecretKey]) -> Self {
        let mut pages = Pages::of(POINTS);
        for (position, table) in pages.points_mut().chunks_mut(ENTRIES).enumerate() {
            table.copy_from_slice(&entries(&secrets[position], WIDTH as usize * position));
        }
        Self(pages)
    }

    /// Bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.0.points())
    }

    /// The entries of a position.
    #[inline(always)]
    pub fn entries(&self, position: usize) -> &[Point] {
        &self.0.points()[position * ENTRIES..]
    }
}

impl Default for Base {
    fn default() -> Self {
        Self::new()
    }
}

/// Digit `position` of the scalar in each lane: the entry of that position.
#[inline(always)]
pub fn digits(scalars: &Words, position: usize) -> Digits {
    let bit = WIDTH as usize * position;
    let (word, shift) = (bit / 64, bit % 64);
    let mut digits = [0; 8];
    for lane in 0..8 {
        let above = if word < 3 { (scalars[word + 1][lane] << 1) << (63 - shift) } else { 0 };
        digits[lane] = (scalars[word][lane] >> shift | above) as u16 & (ENTRIES - 1) as u16;
    }
    digits
}

/// e·2^bit·G + secret·G for every digit e that a scalar can have there.
fn entries(secret: &SecretKey, bit: usize) -> Vec<Point> {
    let step = Scalar::from(power(bit));
    let next = |secret: &SecretKey| secret.add_tweak(&step).ok();
    // As many as an addition in batches needs side by side, one by one.
    let first = std::iter::successors(Some(*secret), next).take(CHAINS);
    let mut points: Vec<Pt<Fe>> = first.map(|secret| coordinates(&point_of(&secret.public_key()))).collect();
    // Entries 0..m and m·2^bit·G give the entries m..2m.
    for bit in bit + CHAINS.ilog2() as usize..(bit + WIDTH as usize).min(256) {
        let known = points.len();
        points.extend_from_within(..);
        let (mut products, mut lost) = (Products::of(known), vec![Lost::default(); known]);
        let by = coordinates(&point_of(&power(bit).public_key()));
        curve::run(&mut Shift { points: &mut points[known..], by }, &mut products, &mut lost);
        assert!(
            lost.iter().all(|lost| lost.any == 0),
            "a random point met one of the table: once in 2^240 times"
        );
    }
    points.into_iter().map(stored).collect()
}

/// Adds one and the same point to every point of a slice, in place.
struct Shift<'a> {
    points: &'a mut [Pt<Fe>],
    by: Pt<Fe>,
}

impl Batch<Fe> for Shift<'_> {
    fn groups(&self) -> usize {
        1
    }
    fn width(&self) -> usize {
        self.points.len()
    }
    fn denominator(&self, _: usize, at: usize) -> Fe {
        self.by.0.sub(self.points[at].0)
    }
    fn numerator(&self, _: usize, at: usize) -> (Fe, Fe, Fe, Fe) {
        let (x, y) = self.points[at];
        (self.by.1.sub(y), x, self.by.0, y)
    }
    fn store(&mut self, _: usize, at: usize, point: Pt<Fe>) {
        self.points[at] = point;
    }
}

/// 2^bit, below the order for bits below 256.
fn power(bit: usize) -> SecretKey {
    let mut bytes = [0; 32];
    bytes[31 - bit / 8] = 1 << (bit % 8);
    SecretKey::from_secret_bytes(bytes).expect("not zero and below the order")
}

fn random() -> SecretKey {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has no randomness");
    SecretKey::from_secret_bytes(bytes).expect("random bytes are past the order once in 2^128 times")
}

fn coordinates(point: &Point) -> Pt<Fe> {
    let [x0, x1, x2, x3, y0, y1, y2, y3] = point.0;
    (Fe(unpack([x0, x1, x2, x3])), Fe(unpack([y0, y1, y2, y3])))
}

fn stored((x, y): Pt<Fe>) -> Point {
    let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = (x.canonical(), y.canonical());
    Point([x0, x1, x2, x3, y0, y1, y2, y3])
}
