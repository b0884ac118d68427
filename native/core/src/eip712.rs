//! EIP-712 digests of many messages of one type, from columns of encoded words.
//!
//! digest = keccak(0x1901 ‖ domain separator ‖ keccak(type hash ‖ words)). Strings and bytes stand in
//! their column as their Keccak-256, as the standard's encodeData says.

use std::ops::Range;

use crate::batch::{Malformed, rows, rows_exactly};
use crate::dispatch::{self, Path};
use crate::sponge::{Sponge, Word};
use crate::threads;
use crate::vector::{Field, Machine};

/// What all messages of a batch share, and their fields: columns that have one row for each message.
pub struct Messages<'a> {
    pub domain_separator: &'a [u8; 32],
    pub type_hash: &'a [u8; 32],
    pub columns: Vec<&'a [[u8; 32]]>,
}

/// The digests, N × 32, of N messages whose fields stand in `columns` of N × 32 bytes each.
pub fn digests(
    domain_separator: &[u8; 32],
    type_hash: &[u8; 32],
    columns: &[&[u8]],
) -> Result<Vec<u8>, Malformed> {
    digests_with(dispatch::path(), domain_separator, type_hash, columns)
}

/// The same on a path of one's own.
pub fn digests_with(
    path: Path,
    domain_separator: &[u8; 32],
    type_hash: &[u8; 32],
    columns: &[&[u8]],
) -> Result<Vec<u8>, Malformed> {
    let first = columns.first().ok_or(Malformed::NoColumns)?;
    let count = rows::<32>("columns", first)?.len();
    let columns = columns
        .iter()
        .map(|column| rows_exactly::<32>("columns", column, count))
        .collect::<Result<Vec<_>, _>>()?;
    let messages = Messages { domain_separator, type_hash, columns };
    Ok(threads::map(count, 4096, |range| dispatch::digests(path, &messages, range)).into_flattened())
}

/// The digests of the messages in these rows.
#[inline(always)]
pub fn digest_rows<M: Machine>(messages: &Messages<'_>, range: Range<usize>) -> Vec<[u8; 32]> {
    let lanes = <M::Fe as Field>::LANES;
    let type_hash = little_endian(messages.type_hash).map(|word| [word; 8]);
    let mut digests = vec![[0; 32]; range.len()];
    for (some, first) in digests.chunks_mut(lanes).zip(range.step_by(lanes)) {
        let mut sponge = Sponge::default();
        sponge.absorb_words::<M>(&type_hash);
        for column in &messages.columns {
            sponge.absorb_words::<M>(&beside(&column[first..first + some.len()]));
        }
        let structure = sponge.finish::<M>(&[0; 8], 0);
        let hash = outer::<M>(messages.domain_separator, &structure);
        for (lane, digest) in some.iter_mut().enumerate() {
            for (bytes, word) in digest.as_chunks_mut::<8>().0.iter_mut().zip(&hash) {
                *bytes = word[lane].to_le_bytes();
            }
        }
    }
    digests
}

/// keccak(0x1901 ‖ domain separator ‖ structure): 66 bytes, so every word is shifted by two of them.
#[inline(always)]
fn outer<M: Machine>(domain_separator: &[u8; 32], structure: &[Word; 4]) -> [Word; 4] {
    let domain = little_endian(domain_separator).map(|word| [word; 8]);
    let mut sponge = Sponge::default();
    let mut carried = [0x0119; 8];
    for word in domain.iter().chain(structure) {
        let mut shifted = carried;
        for lane in 0..8 {
            shifted[lane] |= word[lane] << 16;
            carried[lane] = word[lane] >> 48;
        }
        sponge.absorb::<M>(&shifted);
    }
    sponge.finish::<M>(&carried, 2)
}

#[inline(always)]
fn little_endian(bytes: &[u8; 32]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks::<8>();
    [0, 1, 2, 3].map(|i| u64::from_le_bytes(words[i]))
}

/// The words of up to eight rows, lane by lane.
#[inline(always)]
fn beside(rows: &[[u8; 32]]) -> [Word; 4] {
    let mut words = [[0; 8]; 4];
    for (lane, row) in rows.iter().enumerate() {
        for (lanes, word) in words.iter_mut().zip(little_endian(row)) {
            lanes[lane] = word;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha3::{Digest, Keccak256};

    #[test]
    fn every_path_gives_the_digests_of_an_independent_keccak() {
        let (domain, kind) = ([0xd0; 32], [0x7e; 32]);
        for fields in [1usize, 3, 4, 6, 16] {
            for count in [0usize, 1, 7, 8, 9, 40] {
                let column =
                    |field: usize| (0..32 * count).map(|at| (at * 31 + field * 7 + at / 32) as u8).collect();
                let columns: Vec<Vec<u8>> = (0..fields).map(column).collect();
                let views: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
                for path in dispatch::paths() {
                    let ours = digests_with(path, &domain, &kind, &views).expect("shapes");
                    for row in 0..count {
                        let mut inner = Keccak256::new_with_prefix(kind);
                        views.iter().for_each(|view| inner.update(&view[32 * row..32 * row + 32]));
                        let outer = Keccak256::new()
                            .chain_update(b"\x19\x01")
                            .chain_update(domain)
                            .chain_update(inner.finalize());
                        assert_eq!(ours[32 * row..32 * row + 32], outer.finalize()[..], "{path:?} {row}");
                    }
                }
            }
        }
    }
}
