//! Numbers as words, in lanes.

/// Four words of up to eight lanes: `words[word][lane]`.
pub type Words = [[u64; 8]; 4];

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
