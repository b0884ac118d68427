//! Verification with tables: R = (z/s)·G + (r/s)·Q as a sum of table points, then R.x = r and R.y's parity.
//!
//! The terms of a signature are summed as a binary tree, so that a block of signatures needs one shared
//! inversion for each level of the tree, seven in all, however few signatures it has. A verdict is exact:
//! v ∈ {27, 28} says that R.x is r itself and gives the parity of R.y, and R is unique, so the equation holds
//! exactly when recovery from (r, v) gives Q.

use crate::chains::Chains;
use crate::curve::{self, Ahead, Batch, CHAINS, Fold, Pt};
use crate::portable::Sc;
use crate::signature::Signature;
use crate::table::{offset, positions};
use crate::vector::{Field, Machine, Point, Ring, TWO_R2, Words};

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

/// The generator's table, shared by all signatures.
pub struct Base {
    pub width: u32,
    pub table: Vec<Point>,
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

/// A block whose digits are known: what the tree reads, and what can be asked of memory ahead of time.
struct Prepared<'a> {
    columns: usize,
    tables: Vec<&'a [Point]>,
    key_digits: Vec<u16>,
    base_digits: Vec<u16>,
    /// r of each vector, to compare with.
    r: Vec<Words>,
}

#[inline(always)]
fn prepare<'a, M: Machine>(claims: &[Claim<'a>], width: u32, base: &Base) -> Prepared<'a> {
    let lanes = <M::Fe as Field>::LANES;
    let columns = claims.len().div_ceil(lanes).next_multiple_of(CHAINS);
    let rows = columns * lanes;
    let mut r = vec![[[0; 8]; 4]; columns];
    let mut s = r.clone();
    let mut z = r.clone();
    let mut tables = Vec::with_capacity(rows);
    for row in 0..rows {
        // Lanes past the end repeat the first signature; their answer is not read.
        let claim = claims.get(row).unwrap_or(&claims[0]);
        put(&mut r[row / lanes], row % lanes, big_endian(claim.signature.r()));
        put(&mut s[row / lanes], row % lanes, big_endian(claim.signature.s()));
        put(&mut z[row / lanes], row % lanes, big_endian(claim.digest));
        tables.push(claim.table);
    }
    let mut key_digits = vec![0; positions(width) * rows];
    let mut base_digits = vec![0; positions(base.width) * rows];
    for (column, half) in half_inverses::<M>(&s).into_iter().enumerate() {
        let of_key = M::Sc::load(&r[column]).montgomery(half).words_plus(offset(width));
        write_digits::<M>(&of_key, width, &mut key_digits[column * lanes..], rows);
        let of_base = M::Sc::load(&z[column]).montgomery(half).words_plus(offset(base.width));
        write_digits::<M>(&of_base, base.width, &mut base_digits[column * lanes..], rows);
    }
    Prepared { columns, tables, key_digits, base_digits, r }
}

#[inline(always)]
pub fn write_digits<M: Machine>(words: &Words, width: u32, out: &mut [u16], rows: usize) {
    for position in 0..positions(width) {
        M::digits(words, width, position as u32, &mut out[position * rows..]);
    }
}

/// Asks for the table lines of a prepared block, some at each step.
struct Lines<'a, F> {
    tables: &'a [&'a [Point]],
    digits: &'a [u16],
    at: usize,
    lane: std::marker::PhantomData<F>,
}

/// Rows of lines asked for at each step: the steps of a block cover the next block's rows.
const ROWS_A_STEP: usize = 2;

impl<'a, F: Field> Lines<'a, F> {
    #[inline(always)]
    fn of(next: Option<&'a Prepared<'a>>) -> Self {
        let (tables, digits) = next.map_or((&[][..], &[][..]), |p| (&p.tables[..], &p.key_digits[..]));
        Self { tables, digits, at: 0, lane: std::marker::PhantomData }
    }
}

impl<F: Field> Ahead for Lines<'_, F> {
    #[inline(always)]
    fn step(&mut self) {
        for _ in 0..ROWS_A_STEP {
            if self.at < self.digits.len() {
                let column = self.at % self.tables.len();
                F::prefetch(&self.tables[column..], &self.digits[self.at..]);
                self.at += F::LANES;
            }
        }
    }
}

/// The first level of the tree: both points of each pair come from tables.
struct Leaves<'a, F> {
    block: &'a Prepared<'a>,
    base: &'a [&'a [Point]; 8],
    points: &'a mut [Pt<F>],
    of_key: usize,
    groups: usize,
}

impl<F: Field> Leaves<'_, F> {
    #[inline(always)]
    fn source(&self, term: usize, at: usize) -> (&[&[Point]], &[u16]) {
        let (rows, row) = (self.block.columns * F::LANES, at * F::LANES);
        if term < self.of_key {
            (&self.block.tables[row..], &self.block.key_digits[term * rows + row..])
        } else {
            (&self.base[..], &self.block.base_digits[(term - self.of_key) * rows + row..])
        }
    }
    #[inline(always)]
    fn x(&self, term: usize, at: usize) -> F {
        let (tables, digits) = self.source(term, at);
        F::gather_x(tables, digits)
    }
    #[inline(always)]
    fn point(&self, term: usize, at: usize) -> Pt<F> {
        let (tables, digits) = self.source(term, at);
        F::gather(tables, digits)
    }
}

impl<F: Field> Batch<F> for Leaves<'_, F> {
    #[inline(always)]
    fn groups(&self) -> usize {
        self.groups
    }
    #[inline(always)]
    fn width(&self) -> usize {
        self.block.columns
    }
    #[inline(always)]
    fn denominator(&self, group: usize, at: usize) -> F {
        self.x(2 * group + 1, at).sub(self.x(2 * group, at))
    }
    #[inline(always)]
    fn numerator(&self, group: usize, at: usize) -> (F, F, F, F) {
        let (p, q) = (self.point(2 * group, at), self.point(2 * group + 1, at));
        (q.1.sub(p.1), p.0, q.0, p.1)
    }
    #[inline(always)]
    fn store(&mut self, group: usize, at: usize, point: Pt<F>) {
        self.points[group * self.block.columns + at] = point;
    }
}

/// Room for one block's tree, kept between blocks.
pub struct Scratch<F> {
    points: Vec<Pt<F>>,
    prefix: Vec<F>,
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
        Self { points: Vec::new(), prefix: Vec::new(), dead: Vec::new() }
    }
}

/// Sums the terms of every column; the sums stand in the first `columns` points.
#[inline(always)]
fn sum<F: Field, A: Ahead>(
    scratch: &mut Scratch<F>,
    block: &Prepared<'_>,
    of_key: usize,
    base: &Base,
    ahead: &mut A,
) {
    let width = block.columns;
    let terms = of_key + positions(base.width);
    let mut left = terms.div_ceil(2);
    let one = F::splat([1, 0, 0, 0, 0]);
    scratch.points.resize(left * width, (one, one));
    scratch.prefix.resize(left * width, one);
    scratch.dead.clear();
    scratch.dead.resize(width, 0);
    let tables = [&base.table[..]; 8];
    let points = &mut scratch.points[..];
    let mut leaves = Leaves { block, base: &tables, points, of_key, groups: terms / 2 };
    curve::run(&mut leaves, &mut scratch.prefix, &mut scratch.dead, ahead);
    if terms % 2 == 1 {
        for at in 0..width {
            let (x, y) = leaves.point(terms - 1, at);
            leaves.store(left - 1, at, (x, y.tight()));
        }
    }
    let mut stride = 1;
    while left > 1 {
        let mut fold = Fold { points: &mut scratch.points[..], groups: left / 2, width, stride };
        curve::run(&mut fold, &mut scratch.prefix, &mut scratch.dead, ahead);
        left = left.div_ceil(2);
        stride *= 2;
    }
}

/// Sums only points of the generator's table; the digits stand position by position, row by row.
#[inline(always)]
pub fn sum_base<F: Field>(scratch: &mut Scratch<F>, digits: Vec<u16>, columns: usize, base: &Base) {
    let block =
        Prepared { columns, tables: Vec::new(), key_digits: Vec::new(), base_digits: digits, r: Vec::new() };
    sum(scratch, &block, 0, base, &mut ());
}

/// Checks claims whose tables all have this width.
#[inline(always)]
pub fn verify<M: Machine>(claims: &[Claim<'_>], width: u32, base: &Base) -> Vec<Verdict> {
    let lanes = <M::Fe as Field>::LANES;
    let mut scratch = Scratch::<M::Fe>::default();
    let mut verdicts = Vec::with_capacity(claims.len());
    let size = block_rows(lanes);
    let mut blocks = claims.chunks(size);
    let mut next = blocks.next().map(|chunk| (chunk.len(), prepare::<M>(chunk, width, base)));
    while let Some((count, block)) = next {
        next = blocks.next().map(|chunk| (chunk.len(), prepare::<M>(chunk, width, base)));
        let mut ahead = Lines::<M::Fe>::of(next.as_ref().map(|(_, prepared)| prepared));
        sum(&mut scratch, &block, positions(width), base, &mut ahead);
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
    verdicts
}

/// Signatures of a block: a multiple of four vectors, and of 64 on one lane.
const fn block_rows(lanes: usize) -> usize {
    if lanes == 1 { 64 } else { BLOCK * lanes }
}
