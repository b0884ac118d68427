//! Keccak-256 of as many messages as the machine has lanes, all of the same length, a multiple of 8 bytes but
//! for the last word.

use crate::Address;
use crate::keccak::RATE;
use crate::vector::{Field, Machine, Point, States};
use crate::words::big_endian;

/// One little-endian word of each lane.
pub type Word = [u64; 8];

/// Words absorbed by one permutation.
const WORDS: usize = RATE / 8;

/// Sponges that absorb in step.
pub struct Sponge {
    states: States,
    filled: usize,
}

impl Default for Sponge {
    /// Sponges that have absorbed nothing.
    #[inline(always)]
    fn default() -> Self {
        Self { states: [[0; 8]; 25], filled: 0 }
    }
}

impl Sponge {
    /// The next 8 bytes of each message.
    #[inline(always)]
    pub fn absorb<M: Machine>(&mut self, word: &Word) {
        self.xor(self.filled, word);
        self.filled += 1;
        if self.filled == WORDS {
            M::permute(&mut self.states);
            self.filled = 0;
        }
    }

    /// The next 32 bytes of each message.
    #[inline(always)]
    pub fn absorb_words<M: Machine>(&mut self, words: &[Word; 4]) {
        for word in words {
            self.absorb::<M>(word);
        }
    }

    /// The hashes, when every message ends in these fewer than 8 bytes.
    #[inline(always)]
    pub fn finish<M: Machine>(mut self, last: &Word, bytes: u32) -> [Word; 4] {
        let mut padded = *last;
        for lane in 0..8 {
            padded[lane] |= 1 << (8 * bytes);
        }
        self.xor(self.filled, &padded);
        self.xor(WORDS - 1, &[1 << 63; 8]);
        M::permute(&mut self.states);
        [self.states[0], self.states[1], self.states[2], self.states[3]]
    }

    #[inline(always)]
    fn xor(&mut self, at: usize, word: &Word) {
        for lane in 0..8 {
            self.states[at][lane] ^= word[lane];
        }
    }
}

/// The addresses of so many points: the last 20 bytes of the Keccak-256 of x ‖ y.
#[inline(always)]
pub fn addresses<M: Machine>(points: &[Point]) -> Vec<Address> {
    let mut out = Vec::with_capacity(points.len());
    for some in points.chunks(<M::Fe as Field>::LANES) {
        let mut sponge = Sponge::default();
        for word in [3, 2, 1, 0, 7, 6, 5, 4] {
            let mut lanes = [0; 8];
            for (lane, point) in some.iter().enumerate() {
                lanes[lane] = point.0[word].swap_bytes();
            }
            sponge.absorb::<M>(&lanes);
        }
        let hash = sponge.finish::<M>(&[0; 8], 0);
        for lane in 0..some.len() {
            let mut address = [0; 20];
            address[..4].copy_from_slice(&hash[1][lane].to_le_bytes()[4..]);
            address[4..12].copy_from_slice(&hash[2][lane].to_le_bytes());
            address[12..].copy_from_slice(&hash[3][lane].to_le_bytes());
            out.push(address);
        }
    }
    out
}

/// The point whose coordinates stand in these bytes, x ‖ y; nothing is checked.
pub fn point_of(bytes: &[u8; 64]) -> Point {
    let (halves, _) = bytes.as_chunks::<32>();
    let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = (big_endian(&halves[0]), big_endian(&halves[1]));
    Point([x0, x1, x2, x3, y0, y1, y2, y3])
}
