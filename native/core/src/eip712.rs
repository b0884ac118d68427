//! EIP-712 digests of many messages of one type, from columns of encoded words.
//!
//! digest = keccak(0x1901 ‖ domain separator ‖ keccak(type hash ‖ words)). Strings and bytes stand in
//! their column as their Keccak-256, as the standard's encodeData says.

use std::ops::Range;

use crate::sponge::{Sponge, Word};
use crate::vector::{Field, Machine};

/// What all messages of a batch share, and their fields: columns that have one row for each message.
pub struct Messages<'a> {
    pub domain_separator: &'a [u8; 32],
    pub type_hash: &'a [u8; 32],
    pub columns: Vec<&'a [[u8; 32]]>,
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
