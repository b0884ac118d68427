//! Sums of table points as a binary tree, so that a block needs one shared inversion for each level.

use std::cell::Cell;
use std::thread::LocalKey;

use crate::base::{self, Base};
use crate::chains::Chains;
use crate::curve::{self, Batch, CHAINS, Fold, Lost, Products, Pt};
#[cfg(target_arch = "x86_64")]
use crate::ifma::{Fe8, Ifma};
use crate::portable::{Fe, Portable};
use crate::vector::{Digits, Field, Machine, Point, prefetch};
use crate::words::Words;

/// The points that a block of signatures adds up: for each term the table entries of its rows, and in the same
/// order a mask of signs for each column.
pub struct Terms<'a> {
    columns: usize,
    rows: Vec<&'a Point>,
    signs: Vec<u8>,
}

impl<'a> Terms<'a> {
    #[inline(always)]
    pub fn new<F: Field>(columns: usize, terms: usize, any: &'a Point) -> Self {
        Self { columns, rows: vec![any; terms * columns * F::LANES], signs: vec![0; terms * columns] }
    }

    #[inline(always)]
    fn count(&self) -> usize {
        self.signs.len() / self.columns
    }

    /// Sets a term of a column from a digit of each lane. The line it names is asked for at once: all lines of a
    /// block one right after the other are more than the processor keeps in flight.
    #[inline(always)]
    pub fn set<F: Field>(
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
            prefetch(row);
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
    lost: Vec<Lost>,
}

/// A machine whose threads each keep their room: asking the system for fresh memory costs more than a small batch.
pub trait Room: Machine {
    fn scratch() -> &'static LocalKey<Cell<Scratch<Self::Fe>>>;
}

macro_rules! room {
    ($machine:ty, $field:ty) => {
        impl Room for $machine {
            fn scratch() -> &'static LocalKey<Cell<Scratch<$field>>> {
                thread_local!(static SCRATCH: Cell<Scratch<$field>> = Cell::default());
                &SCRATCH
            }
        }
    };
}

room!(Portable, Fe);
#[cfg(target_arch = "x86_64")]
room!(Ifma, Fe8);

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

    /// The sum of a column.
    #[inline(always)]
    pub fn point(&self, column: usize) -> Pt<F> {
        self.points[column]
    }

    /// The lanes of a column whose sum was lost, and those of them where it is the point at infinity.
    #[inline(always)]
    pub fn lost(&self, column: usize) -> Lost {
        self.lost[column]
    }
}

impl<F: Field> Default for Scratch<F> {
    #[inline(always)]
    fn default() -> Self {
        Self { points: Vec::new(), products: Products::of(0), lost: Vec::new() }
    }
}

/// Sums the terms of every column.
#[inline(always)]
pub fn sum<F: Field>(scratch: &mut Scratch<F>, terms: &Terms<'_>) {
    let width = terms.columns;
    let mut left = terms.count().div_ceil(2);
    let one = F::splat([1, 0, 0, 0, 0]);
    scratch.points.resize(left * width, (one, one));
    scratch.products.reserve(left * width);
    scratch.lost.clear();
    scratch.lost.resize(width, Lost::default());
    let mut leaves = Leaves { terms, points: &mut scratch.points };
    curve::run(&mut leaves, &mut scratch.products, &mut scratch.lost);
    if terms.count() % 2 == 1 {
        for at in 0..width {
            let (x, y) = terms.point::<F>(terms.count() - 1, at);
            leaves.store(left - 1, at, (x, y.tight()));
        }
    }
    let mut stride = 1;
    while left > 1 {
        // Partial sums may be infinite and the whole not; what counts is the last addition.
        scratch.lost.iter_mut().for_each(|lost| lost.infinite = 0);
        let mut fold = Fold { points: &mut scratch.points, groups: left / 2, width, stride };
        curve::run(&mut fold, &mut scratch.products, &mut scratch.lost);
        left = left.div_ceil(2);
        stride *= 2;
    }
}

/// Multiples of the generator: a canonical scalar in each lane of each column.
#[inline(always)]
pub fn sum_base<M: Machine>(scratch: &mut Scratch<M::Fe>, scalars: &[Words], base: &Base) {
    let mut terms = Terms::new::<M::Fe>(scalars.len(), base::POSITIONS, &base.entries(0)[0]);
    for (column, words) in scalars.iter().enumerate() {
        for position in 0..base::POSITIONS {
            let (digits, entries) = (base::digits(words, position), base.entries(position));
            terms.set::<M::Fe>(position, column, &digits, |_| entries);
        }
    }
    sum(scratch, &terms);
}
