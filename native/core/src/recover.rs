//! Recovery of unknown keys: Q = (s/r)·R − (z/r)·G, and the address of Q.
//!
//! R is lifted from r and v (one square root, checked). (s/r)·R is halved by the curve's endomorphism and
//! summed by Horner's rule over a table of R's odd multiples; (z/r)·G is a sum of points of the generator's
//! table. An exceptional addition ends in Z = 0 or in a dead lane, and the reference path decides that row.

use crate::Address;
use crate::base::{Base, GENERATOR};
use crate::chains::{Chains, Jacobian};
use crate::curve::{self, CHAINS, Pt};
use crate::glv::{self, Digits, MULTIPLES};
use crate::inverse::half_inverses;
use crate::signature::Signature;
use crate::sponge;
use crate::sum::{self, Room, Scratch};
use crate::table;
use crate::vector::{BETA, Field, Machine, Point, Ring, TWO_MONTGOMERY};
use crate::words::{self, Words, big_endian, put};

/// One signature whose signer is sought.
#[derive(Clone, Copy)]
pub struct Sought<'a> {
    pub digest: &'a [u8; 32],
    pub signature: Signature<'a>,
}

/// What recovery found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Key(Address, Point),
    /// No point has this x.
    Nobody,
    /// Equal or opposite points met on the way: the reference path decides.
    Undecided,
}

/// Vectors of a block: one inversion is shared by a level of all its tables.
const BLOCK: usize = 16;

/// Finds the signers.
#[inline(always)]
pub fn recover<M: Room>(sought: &[Sought<'_>], base: &Base) -> Vec<Found> {
    let mut scratch = M::scratch().take();
    let mut found = Vec::with_capacity(sought.len());
    for block in sought.chunks(BLOCK * <M::Fe as Field>::LANES) {
        recover_block::<M>(block, base, &mut scratch, &mut found);
    }
    M::scratch().set(scratch);
    found
}

/// The columns of a block: `words[column][word][lane]`.
struct Columns {
    r: Vec<Words>,
    s: Vec<Words>,
    z: Vec<Words>,
    /// The lanes whose R has an odd y.
    odd: Vec<u8>,
}

#[inline(always)]
fn columns_of<M: Machine>(block: &[Sought<'_>]) -> Columns {
    let lanes = <M::Fe as Field>::LANES;
    let count = block.len().div_ceil(lanes).next_multiple_of(CHAINS);
    let [r, s, z] = words::columns(block, count, lanes, |one| {
        [one.signature.r(), one.signature.s(), one.digest].map(big_endian)
    });
    let mut odd = vec![0; count];
    for (row, one) in block.iter().enumerate() {
        odd[row / lanes] |= u8::from(one.signature.y_is_odd) << (row % lanes);
    }
    Columns { r, s, z, odd }
}

#[inline(always)]
fn recover_block<M: Room>(
    block: &[Sought<'_>],
    base: &Base,
    scratch: &mut Scratch<M::Fe>,
    found: &mut Vec<Found>,
) {
    let lanes = <M::Fe as Field>::LANES;
    let columns = columns_of::<M>(block);
    let count = columns.r.len();
    let (of_base, halves) = scalars::<M>(&columns);
    let (nonces, nobody) = lift::<M>(&columns);
    let multiples = table::odd_multiples(&nonces, count * lanes, MULTIPLES);
    sum::sum_base::<M>(scratch, &of_base, base);

    let mut sums = Vec::with_capacity(count);
    for first in (0..count).step_by(CHAINS) {
        let sum = horner::<M::Fe>(&multiples, &halves, first);
        let (x, y) = scratch.four(first);
        // −(z/r)·G
        sums.push(sum.add_affine(&x, &Chains::splat([0; 5]).sub(&y)));
    }
    let mut keys = vec![Point::default(); count * lanes];
    let dead = normalize(&sums, &mut keys);
    let addresses = sponge::addresses::<M>(&keys[..block.len()]);
    for (row, address) in addresses.into_iter().enumerate() {
        let (column, lane) = (row / lanes, row % lanes);
        found.push(if nobody[column] >> lane & 1 == 1 {
            Found::Nobody
        } else if (dead[column] | scratch.lost(column).any) >> lane & 1 == 1 {
            Found::Undecided
        } else {
            Found::Key(address, keys[row])
        });
    }
}

/// z/r of each column, and the digits of both halves of s/r of each row.
#[inline(always)]
fn scalars<M: Machine>(columns: &Columns) -> (Vec<Words>, Vec<[Digits; 2]>) {
    let lanes = <M::Fe as Field>::LANES;
    let mut of_base = Vec::with_capacity(columns.r.len());
    let mut halves = Vec::with_capacity(columns.r.len() * lanes);
    let two = M::Sc::splat(TWO_MONTGOMERY);
    for (column, half) in half_inverses::<M>(&columns.r).into_iter().enumerate() {
        let inverse = half.montgomery(two);
        of_base.push(M::Sc::load(&columns.z[column]).montgomery(inverse).words_plus([0; 5]));
        let of_nonce = M::Sc::load(&columns.s[column]).montgomery(inverse).words_plus([0; 5]);
        for lane in 0..lanes {
            halves.push(glv::split(&of_nonce.map(|word| word[lane])));
        }
    }
    (of_base, halves)
}

/// The points R, and the lanes in which r is no point's x. Those go on with the generator, so that every
/// lane stays on the curve; their answer is not read.
#[inline(always)]
fn lift<M: Machine>(columns: &Columns) -> (Vec<Pt<M::Fe>>, Vec<u8>) {
    let mut points = Vec::with_capacity(columns.r.len());
    let mut nobody = Vec::with_capacity(columns.r.len());
    for first in (0..columns.r.len()).step_by(CHAINS) {
        let mut x = Chains::splat([0; 5]);
        for c in 0..CHAINS {
            x.0[c] = <M::Fe as Field>::load(&columns.r[first + c]);
        }
        // y² = x³ + 7.
        let minus_seven = Chains::splat([0; 5]).sub(&Chains::splat([7, 0, 0, 0, 0]));
        let square = x.sqr().mul_sub(&x, &minus_seven);
        let root = square_root(&square);
        let wrong = root.sqr().sub(&square);
        for c in 0..CHAINS {
            let missing = !wrong.0[c].zero_lanes();
            points.push(signed(&columns.r[first + c], root.0[c], columns.odd[first + c], missing));
            nobody.push(missing);
        }
    }
    (points, nobody)
}

/// The point with this x and the root of the wanted parity; in missing lanes the generator.
#[inline(always)]
fn signed<F: Field>(x: &Words, root: F, odd: u8, missing: u8) -> Pt<F> {
    let (mut x, y) = (*x, root.words());
    let mut parity = 0;
    for lane in 0..F::LANES {
        parity |= ((y[0][lane] & 1) as u8) << lane;
    }
    let mut y = root.negated_where(parity ^ odd).tight();
    if missing & (u8::MAX >> (8 - F::LANES)) != 0 {
        let mut words = y.words();
        for lane in (0..F::LANES).filter(|lane| missing >> lane & 1 == 1) {
            let [x0, x1, x2, x3, y0, y1, y2, y3] = GENERATOR.0;
            put(&mut x, lane, [x0, x1, x2, x3]);
            put(&mut words, lane, [y0, y1, y2, y3]);
        }
        y = F::load(&words);
    }
    (F::load(&x), y)
}

/// a^((p + 1)/4), a root of a when there is one, for p ≡ 3 mod 4. The exponent's bits are 223 ones, a zero,
/// 22 ones, four zeros, two ones, two zeros; `ones_k` is a^(2^k − 1).
#[inline(always)]
fn square_root<F: Field>(a: &Chains<F>) -> Chains<F> {
    let ones_2 = a.sqr().mul(a);
    let ones_3 = ones_2.sqr().mul(a);
    let ones_6 = ones_3.squared(3).mul(&ones_3);
    let ones_9 = ones_6.squared(3).mul(&ones_3);
    let ones_11 = ones_9.squared(2).mul(&ones_2);
    let ones_22 = ones_11.squared(11).mul(&ones_11);
    let ones_44 = ones_22.squared(22).mul(&ones_22);
    let ones_88 = ones_44.squared(44).mul(&ones_44);
    let ones_176 = ones_88.squared(88).mul(&ones_88);
    let ones_220 = ones_176.squared(44).mul(&ones_44);
    let ones_223 = ones_220.squared(3).mul(&ones_3);
    ones_223.squared(23).mul(&ones_22).squared(6).mul(&ones_2).squared(2)
}

/// k1·R + k2·λR of four columns from the first. Before the last position both parts of a sum a + b·λ are below
/// 2^125, and the shortest pair with a + b·λ ≡ 0 mod n has a part of 2^127.8: no two points meet. At the last position
/// none of the few longer pairs has the parities that the odd digits give. Correctness hangs on neither: a sum that
/// meets its addend ends in Z = 0 and stays there.
#[inline(always)]
fn horner<F: Field>(multiples: &[Point], halves: &[[Digits; 2]], first: usize) -> Jacobian<F> {
    let beta = Chains::splat(BETA);
    let top = glv::DIGITS - 1;
    let (x, y) = four::<F>(multiples, halves, first, 0, top);
    let mut sum = Jacobian { x, y, z: Chains::splat([1, 0, 0, 0, 0]) };
    let (x, y) = four::<F>(multiples, halves, first, 1, top);
    sum = sum.add_affine(&x.mul(&beta), &y);
    for position in (0..top).rev() {
        for _ in 0..glv::WIDTH {
            sum = sum.double();
        }
        let (x, y) = four::<F>(multiples, halves, first, 0, position);
        sum = sum.add_affine(&x, &y);
        let (x, y) = four::<F>(multiples, halves, first, 1, position);
        sum = sum.add_affine(&x.mul(&beta), &y);
    }
    sum
}

/// The multiples that digit `position` of one half names, of four columns from the first.
#[inline(always)]
fn four<F: Field>(
    multiples: &[Point],
    halves: &[[Digits; 2]],
    first: usize,
    half: usize,
    position: usize,
) -> (Chains<F>, Chains<F>) {
    let mut x = Chains::splat([0; 5]);
    let mut y = x;
    for c in 0..CHAINS {
        let row = (first + c) * F::LANES;
        let mut points = [&multiples[0]; 8];
        let mut signs = 0;
        for lane in 0..F::LANES {
            let digit = halves[row + lane][half][position];
            points[lane] = &multiples[(row + lane) * MULTIPLES..][usize::from(digit & 0x7fff)];
            signs |= ((digit >> 15) as u8) << lane;
        }
        let (px, py) = F::gather(&points[..F::LANES], signs);
        (x.0[c], y.0[c]) = (px, py.tight());
    }
    (x, y)
}

/// Writes the affine points, row by row, and returns the lanes of each column whose Z is zero.
#[inline(always)]
fn normalize<F: Field>(sums: &[Jacobian<F>], keys: &mut [Point]) -> Vec<u8> {
    let one = Chains::splat([1, 0, 0, 0, 0]);
    let mut dead = vec![0; sums.len() * CHAINS];
    let mut z = Vec::with_capacity(sums.len());
    let mut prefix = Vec::with_capacity(sums.len());
    let mut product: Chains<F> = one;
    for (i, sum) in sums.iter().enumerate() {
        let mut own = sum.z;
        for c in 0..CHAINS {
            let zero = own.0[c].zero_lanes();
            dead[i * CHAINS + c] = zero;
            own.0[c] = own.0[c].one_where(zero);
        }
        z.push(own);
        prefix.push(product);
        product = product.mul(&own);
    }
    let mut inverse = Chains(curve::invert_all(product.0).expect("zeros were replaced"));
    for (i, sum) in sums.iter().enumerate().rev() {
        let own = inverse.mul(&prefix[i]);
        inverse = inverse.mul(&z[i]);
        let square = own.sqr();
        let (x, y) = (sum.x.mul(&square), sum.y.mul(&square).mul(&own));
        for c in 0..CHAINS {
            table::write_rows(x.0[c], y.0[c], &mut keys[(i * CHAINS + c) * F::LANES..]);
        }
    }
    dead
}
