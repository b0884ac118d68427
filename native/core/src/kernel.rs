//! Verification with tables: R = (z/s)·G + (r/s)·Q as a sum of table points, then R.x = r and R.y's parity.
//!
//! The terms of a signature are summed as a binary tree, so that a block of signatures needs one shared
//! inversion for each level of the tree, seven in all, however few signatures it has. A verdict is exact:
//! v ∈ {27, 28} says that R.x is r itself and gives the parity of R.y, and R is unique, so the equation holds
//! exactly when recovery from (r, v) gives Q.

use crate::base::{self, Base};
use crate::chains::Chains;
use crate::curve::{self, Batch, CHAINS, Fold, Products, Pt};
use crate::portable::Sc;
use crate::signature::Signature;
use crate::table::{offset, positions};
use crate::vector::{Digits, Field, Machine, Point, Ring, TWO_R2, Words, prefetch};

/// One signature to be checked against one key's table.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    pub digest: &'a [u8; 32],
    pub signature: Signature<'a>,
    pub table: &'a [Point],
}

/// What the kernel found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Valid,
    Invalid,
    /// Equal or opposite points met on the way: the reference path decides.
    Undecided,
}

/// Vectors in a block: its points stay in the second-level cache.
pub const BLOCK: usize = 8;

/// The big-endian number in these bytes, as little-endian words.
#[inline(always)]
pub fn big_endian(bytes: &[u8; 32]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks::<8>();
    [3, 2, 1, 0].map(|i| u64::from_be_bytes(words[i]))
}

#[inline(always)]
pub fn put(words: &mut Words, lane: usize, number: [u64; 4]) {
    for (lanes, word) in words.iter_mut().zip(number) {
        lanes[lane] = word;
    }
}

/// In each vector 1/(2·number), in Montgomery form. Numbers are in 1..n.
#[inline(always)]
pub fn half_inverses<M: Machine>(numbers: &[Words]) -> Vec<M::Sc> {
    let mut scaled: Vec<M::Sc> = Vec::with_capacity(numbers.len());
    let mut prefix: Vec<M::Sc> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let number = M::Sc::load(number).montgomery(M::Sc::splat(TWO_R2));
        let product = match (prefix.last(), scaled.last()) {
            (Some(p), Some(s)) => p.montgomery(*s),
            _ => M::Sc::splat(ONE_MONTGOMERY),
        };
        scaled.push(number);
        prefix.push(product);
    }
    let Some(last) = prefix.len().checked_sub(1) else { return Vec::new() };
    let mut inverse = invert_lanes::<M>(prefix[last].montgomery(scaled[last]));
    for i in (0..numbers.len()).rev() {
        let own = inverse.montgomery(prefix[i]);
        inverse = inverse.montgomery(scaled[i]);
        scaled[i] = own;
    }
    scaled
}

/// 2·2^260 mod n: a Montgomery product with it doubles.
pub const TWO_MONTGOMERY: [u64; 5] = [0x42e65f937d7e0, 0x2a16ebf88805b, 0x28aa2463, 0, 0];

/// 2^260 mod n.
const ONE_MONTGOMERY: [u64; 5] = [0xa1732fc9bebf0, 0x950b75fc4402d, 0x14551231, 0, 0];

#[inline(always)]
fn invert_lanes<M: Machine>(product: M::Sc) -> M::Sc {
    let one = Sc(ONE_MONTGOMERY);
    let (mut lanes, mut prefix) = ([one; 8], [one; 8]);
    let count = <M::Fe as Field>::LANES;
    let mut all = one;
    for lane in 0..count {
        lanes[lane] = product.lane(lane);
        prefix[lane] = all;
        all = all.montgomery(lanes[lane]);
    }
    let mut inverse = all.inverse().expect("numbers in 1..n have an inverse");
    for lane in (0..count).rev() {
        let own = inverse.montgomery(prefix[lane]);
        inverse = inverse.montgomery(lanes[lane]);
        lanes[lane] = own;
    }
    M::Sc::from_lanes(&lanes)
}

/// The points that a block of signatures adds up: for each term the table entries of its rows, and in the same
/// order a mask of signs for each column.
struct Terms<'a> {
    columns: usize,
    rows: Vec<&'a Point>,
    signs: Vec<u8>,
}

impl<'a> Terms<'a> {
    #[inline(always)]
    fn new<F: Field>(columns: usize, terms: usize, any: &'a Point) -> Self {
        Self { columns, rows: vec![any; terms * columns * F::LANES], signs: vec![0; terms * columns] }
    }

    #[inline(always)]
    fn count(&self) -> usize {
        self.signs.len() / self.columns
    }

    /// Sets a term of a column from a digit of each lane.
    #[inline(always)]
    fn set<F: Field>(
        &mut self,
        term: usize,
        column: usize,
        digits: &Digits,
        table: impl Fn(usize) -> &'a [Point],
    ) {
        let at = term * self.columns + column;
        let mut signs = 0;
        for (lane, row) in self.rows[at * F::LANES..][..F::LANES].iter_mut().enumerate() {
            *row = &table(lane)[usize::from(digits[lane] & 0x7fff)];
            signs |= ((digits[lane] >> 15) as u8) << lane;
        }
        self.signs[at] = signs;
    }

    #[inline(always)]
    fn rows<F: Field>(&self, term: usize, column: usize) -> &[&'a Point] {
        &self.rows[(term * self.columns + column) * F::LANES..][..F::LANES]
    }

    #[inline(always)]
    fn x<F: Field>(&self, term: usize, column: usize) -> F {
        F::gather_x(self.rows::<F>(term, column))
    }

    #[inline(always)]
    fn point<F: Field>(&self, term: usize, column: usize) -> Pt<F> {
        F::gather(self.rows::<F>(term, column), self.signs[term * self.columns + column])
    }
}

/// A block whose terms are known: what the tree reads.
struct Prepared<'a> {
    terms: Terms<'a>,
    /// r of each column, to compare with.
    r: Vec<Words>,
}

/// The term at which a position of the key stands, of so many: the lowest ones first, then each after a position
/// of the generator. See [`crate::base`].
const fn key_term(position: usize, of_key: usize) -> usize {
    let alone = of_key - base::POSITIONS;
    if position < alone { position } else { alone + 2 * (position - alone) + 1 }
}

/// The term at which a position of the generator stands.
const fn base_term(position: usize, of_key: usize) -> usize {
    of_key - base::POSITIONS + 2 * position
}

#[inline(always)]
fn prepare<'a, M: Machine>(claims: &[Claim<'a>], width: u32, base: &'a Base) -> Prepared<'a> {
    let lanes = <M::Fe as Field>::LANES;
    let columns = claims.len().div_ceil(lanes).next_multiple_of(CHAINS);
    let mut r = vec![[[0; 8]; 4]; columns];
    let mut s = r.clone();
    let mut z = r.clone();
    // Lanes past the end repeat the first signature; their answer is not read.
    let claim = |row: usize| claims.get(row).unwrap_or(&claims[0]);
    for row in 0..columns * lanes {
        let claim = claim(row);
        put(&mut r[row / lanes], row % lanes, big_endian(claim.signature.r()));
        put(&mut s[row / lanes], row % lanes, big_endian(claim.signature.s()));
        put(&mut z[row / lanes], row % lanes, big_endian(claim.digest));
    }
    let of_key = positions(width);
    let mut terms = Terms::new::<M::Fe>(columns, of_key + base::POSITIONS, &base.points()[0]);
    let two = M::Sc::splat(TWO_MONTGOMERY);
    for (column, half) in half_inverses::<M>(&s).into_iter().enumerate() {
        let k = M::Sc::load(&r[column]).montgomery(half).words_plus(offset(width));
        for position in 0..of_key {
            let digits = M::digits(&k, width, position as u32);
            let table = |lane| claim(column * lanes + lane).table;
            terms.set::<M::Fe>(key_term(position, of_key), column, &digits, table);
        }
        let k = M::Sc::load(&z[column]).montgomery(half).montgomery(two).words_plus([0; 5]);
        for position in 0..base::POSITIONS {
            let digits = base::digits(&k, position);
            terms.set::<M::Fe>(base_term(position, of_key), column, &digits, |_| base.points());
        }
    }
    Prepared { terms, r }
}

/// The first level of the tree: both points of each pair come from tables.
struct Leaves<'a, 'b, F> {
    terms: &'a Terms<'b>,
    points: &'a mut [Pt<F>],
}

impl<F: Field> Batch<F> for Leaves<'_, '_, F> {
    #[inline(always)]
    fn groups(&self) -> usize {
        self.terms.count() / 2
    }
    #[inline(always)]
    fn width(&self) -> usize {
        self.terms.columns
    }
    #[inline(always)]
    fn denominator(&self, group: usize, at: usize) -> F {
        self.terms.x::<F>(2 * group + 1, at).sub(self.terms.x(2 * group, at))
    }
    #[inline(always)]
    fn numerator(&self, group: usize, at: usize) -> (F, F, F, F) {
        let (p, q) = (self.terms.point::<F>(2 * group, at), self.terms.point::<F>(2 * group + 1, at));
        (q.1.sub(p.1), p.0, q.0, p.1)
    }
    #[inline(always)]
    fn store(&mut self, group: usize, at: usize, point: Pt<F>) {
        let sum = &mut self.points[group * self.terms.columns + at];
        sum.0 = point.0;
        sum.1 = point.1;
    }
}

/// Room for one block's tree, kept between blocks and, on each thread, between batches.
pub struct Scratch<F> {
    points: Vec<Pt<F>>,
    products: Products<F>,
    dead: Vec<u8>,
}

impl<F: Field> Scratch<F> {
    /// The sums of four columns from the first.
    #[inline(always)]
    pub fn four(&self, first: usize) -> (Chains<F>, Chains<F>) {
        let mut x = Chains::splat([0; 5]);
        let mut y = x;
        for c in 0..CHAINS {
            (x.0[c], y.0[c]) = self.points[first + c];
        }
        (x, y)
    }

    /// The lanes of a column in which equal or opposite points met.
    #[inline(always)]
    pub fn dead(&self, column: usize) -> u8 {
        self.dead[column]
    }
}

impl<F: Field> Default for Scratch<F> {
    #[inline(always)]
    fn default() -> Self {
        Self { points: Vec::new(), products: Products::of(0), dead: Vec::new() }
    }
}

/// Sums the terms of every column; the sums stand in the first `columns` points.
#[inline(always)]
fn sum<F: Field>(scratch: &mut Scratch<F>, terms: &Terms<'_>) {
    let width = terms.columns;
    let mut left = terms.count().div_ceil(2);
    let one = F::splat([1, 0, 0, 0, 0]);
    scratch.points.resize(left * width, (one, one));
    scratch.products.reserve(left * width);
    scratch.dead.clear();
    scratch.dead.resize(width, 0);
    let mut leaves = Leaves { terms, points: &mut scratch.points };
    curve::run(&mut leaves, &mut scratch.products, &mut scratch.dead);
    if terms.count() % 2 == 1 {
        for at in 0..width {
            let (x, y) = terms.point::<F>(terms.count() - 1, at);
            leaves.store(left - 1, at, (x, y.tight()));
        }
    }
    let mut stride = 1;
    while left > 1 {
        let mut fold = Fold { points: &mut scratch.points, groups: left / 2, width, stride };
        curve::run(&mut fold, &mut scratch.products, &mut scratch.dead);
        left = left.div_ceil(2);
        stride *= 2;
    }
}

/// Multiples of the generator: a canonical scalar in each lane of each column.
#[inline(always)]
pub fn sum_base<M: Machine>(scratch: &mut Scratch<M::Fe>, scalars: &[Words], base: &Base) {
    let mut terms = Terms::new::<M::Fe>(scalars.len(), base::POSITIONS, &base.points()[0]);
    for (column, words) in scalars.iter().enumerate() {
        for position in 0..base::POSITIONS {
            terms.set::<M::Fe>(position, column, &base::digits(words, position), |_| base.points());
        }
    }
    sum(scratch, &terms);
}

/// Checks claims whose tables all have this width.
#[inline(always)]
pub fn verify<M: Machine>(claims: &[Claim<'_>], width: u32, base: &Base) -> Vec<Verdict> {
    let lanes = <M::Fe as Field>::LANES;
    let mut scratch = M::scratch().take();
    let mut verdicts = Vec::with_capacity(claims.len());
    let size = block_rows(lanes);
    for chunk in claims.chunks(size) {
        let (count, block) = (chunk.len(), prepare::<M>(chunk, width, base));
        // All lines at once: asked for a block ahead they push the current block's out again.
        prefetch(&block.terms.rows);
        sum(&mut scratch, &block.terms);
        for row in 0..count.div_ceil(lanes) {
            let (x, y) = scratch.points[row];
            let (x, y) = (x.words(), y.words());
            for lane in 0..lanes.min(count - row * lanes) {
                let claim = &claims[verdicts.len()];
                let same_x = (0..4).all(|word| x[word][lane] == block.r[row][word][lane]);
                let same_parity = (y[0][lane] & 1 == 1) == claim.signature.y_is_odd;
                verdicts.push(if scratch.dead[row] >> lane & 1 == 1 {
                    Verdict::Undecided
                } else if same_x && same_parity {
                    Verdict::Valid
                } else {
                    Verdict::Invalid
                });
            }
        }
    }
    M::scratch().set(scratch);
    verdicts
}

/// Signatures of a block: a multiple of four vectors, and of 64 on one lane.
const fn block_rows(lanes: usize) -> usize {
    if lanes == 1 { 64 } else { BLOCK * lanes }
}
