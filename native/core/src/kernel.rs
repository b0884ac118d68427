//! Verification with tables: R = (z/s)·G + (r/s)·Q as a sum of table points, then R.x = r and R.y's parity.
//!
//! The terms of a signature are summed as a binary tree, so that a block of signatures needs one shared
//! inversion for each level of the tree, six or seven in all, however few signatures it has. A verdict is exact:
//! v ∈ {27, 28} says that R.x is r itself and gives the parity of R.y, and R is unique, so the equation holds
//! exactly when recovery from (r, v) gives Q.

use crate::base::{self, Base};
use crate::curve::CHAINS;
use crate::inverse::half_inverses;
use crate::signature::Signature;
use crate::sum::{Room, Terms, sum};
use crate::table::{offset, positions};
use crate::vector::{Field, Machine, Point, Ring, TWO_MONTGOMERY};
use crate::words::{self, Words, big_endian};

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
    /// Equal or opposite points met, but not as an opposite last pair: the reference path decides.
    Undecided,
}

/// Vectors in a block: its points stay in the second-level cache.
pub const BLOCK: usize = 16;

/// A block whose terms are known: what the tree reads.
struct Prepared<'a> {
    terms: Terms<'a>,
    /// r of each column, to compare with.
    r: Vec<Words>,
}

/// The term at which a position of the key stands, of so many: the lowest ones first, then each before a position
/// of the generator. So the last term is one of the generator's, which may be left over at each level until the last
/// addition: no side of that has all positions of the generator. See [`crate::base`].
const fn key_term(position: usize, of_key: usize) -> usize {
    let alone = of_key - base::POSITIONS;
    if position < alone { position } else { alone + 2 * (position - alone) }
}

/// The term at which a position of the generator stands.
const fn base_term(position: usize, of_key: usize) -> usize {
    of_key - base::POSITIONS + 2 * position + 1
}

#[inline(always)]
fn prepare<'a, M: Machine>(claims: &[Claim<'a>], width: u32, base: &'a Base) -> Prepared<'a> {
    let lanes = <M::Fe as Field>::LANES;
    let columns = claims.len().div_ceil(lanes).next_multiple_of(CHAINS);
    let [r, s, z] = words::columns(claims, columns, lanes, |claim| {
        [claim.signature.r(), claim.signature.s(), claim.digest].map(big_endian)
    });
    let of_key = positions(width);
    let mut terms = Terms::new::<M::Fe>(columns, of_key + base::POSITIONS, &base.entries(0)[0]);
    let two = M::Sc::splat(TWO_MONTGOMERY);
    for (column, half) in half_inverses::<M>(&s).into_iter().enumerate() {
        let k = M::Sc::load(&r[column]).montgomery(half).words_plus(offset(width));
        for position in 0..of_key {
            let digits = M::digits(&k, width, position as u32);
            let table = |lane| claims.get(column * lanes + lane).unwrap_or(&claims[0]).table;
            terms.set::<M::Fe>(key_term(position, of_key), column, &digits, table);
        }
        let k = M::Sc::load(&z[column]).montgomery(half).montgomery(two).words_plus([0; 5]);
        for position in 0..base::POSITIONS {
            let (digits, entries) = (base::digits(&k, position), base.entries(position));
            terms.set::<M::Fe>(base_term(position, of_key), column, &digits, |_| entries);
        }
    }
    Prepared { terms, r }
}

/// Checks claims whose tables all have this width.
#[inline(always)]
pub fn verify<M: Room>(claims: &[Claim<'_>], width: u32, base: &Base) -> Vec<Verdict> {
    let lanes = <M::Fe as Field>::LANES;
    let mut scratch = M::scratch().take();
    let mut verdicts = Vec::with_capacity(claims.len());
    let size = block_rows(lanes);
    for chunk in claims.chunks(size) {
        let (count, block) = (chunk.len(), prepare::<M>(chunk, width, base));
        sum(&mut scratch, &block.terms);
        for row in 0..count.div_ceil(lanes) {
            let (x, y) = scratch.point(row);
            let (x, y, lost) = (x.words(), y.words(), scratch.lost(row));
            for lane in 0..lanes.min(count - row * lanes) {
                let claim = &claims[verdicts.len()];
                let same_x = (0..4).all(|word| x[word][lane] == block.r[row][word][lane]);
                let same_parity = (y[0][lane] & 1 == 1) == claim.signature.y_is_odd;
                verdicts.push(if lost.infinite >> lane & 1 == 1 {
                    Verdict::Invalid
                } else if lost.any >> lane & 1 == 1 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{NARROW, NARROW_PORTABLE, WIDE};

    #[test]
    fn only_the_last_addition_has_all_positions_of_the_generator_and_it_has_some_on_either_side() {
        for width in [NARROW_PORTABLE, NARROW, WIDE] {
            let of_key = positions(width);
            let mut held = vec![0; of_key + base::POSITIONS];
            (0..base::POSITIONS).for_each(|position| held[base_term(position, of_key)] = 1);

            while held.len() > 1 {
                let is_last = held.len() == 2;
                for pair in held.as_chunks::<2>().0 {
                    assert!(pair.iter().all(|positions| *positions < base::POSITIONS), "{width}");
                    assert_eq!(pair[0] + pair[1] == base::POSITIONS, is_last, "{width}");
                }
                held = held.chunks(2).map(|node| node.iter().sum()).collect();
            }
        }
    }
}
