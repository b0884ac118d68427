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

/// Some numbers of each row, side by side in so many columns of so many lanes. Lanes past the end repeat the first
/// row; what they come to is not read.
#[inline(always)]
pub fn columns<T, const N: usize>(
    rows: &[T],
    count: usize,
    lanes: usize,
    numbers: impl Fn(&T) -> [[u64; 4]; N],
) -> [Vec<Words>; N] {
    let mut columns = [(); N].map(|()| vec![[[0; 8]; 4]; count]);
    for at in 0..count * lanes {
        let row = rows.get(at).unwrap_or(&rows[0]);
        for (column, number) in columns.iter_mut().zip(numbers(row)) {
            put(&mut column[at / lanes], at % lanes, number);
        }
    }
    columns
}
