//! Keccak-256 as Ethereum uses it: rate 136 bytes, capacity 512 bits, padding byte 0x01.
//!
//! Source: the Keccak reference, version 3.0 (Bertoni, Daemen, Peeters, Van Assche), sections 1.2 and 1.3.

/// Bytes absorbed by one permutation.
pub const RATE: usize = 136;

/// Round constants: the bits of the linear feedback shift register of section 1.2 (ι).
pub const ROUND: [u64; 24] = round_constants();

/// Rotations of ρ by lane x + 5y: the triangular numbers along the walk (x, y) → (y, 2x + 3y).
pub const ROTATION: [u32; 25] = rotations();

const fn round_constants() -> [u64; 24] {
    let mut constants = [0u64; 24];
    let mut register = 1u8;
    let mut round = 0;
    while round < 24 {
        let mut j = 0;
        while j < 7 {
            if register & 1 == 1 {
                constants[round] |= 1 << ((1 << j) - 1);
            }
            // x^8 + x^6 + x^5 + x^4 + 1, stepped once per bit.
            register = if register & 0x80 == 0 { register << 1 } else { (register << 1) ^ 0x71 };
            j += 1;
        }
        round += 1;
    }
    constants
}

const fn rotations() -> [u32; 25] {
    let mut offsets = [0u32; 25];
    let (mut x, mut y) = (1usize, 0usize);
    let mut t = 0u32;
    while t < 24 {
        offsets[x + 5 * y] = ((t + 1) * (t + 2) / 2) % 64;
        (x, y) = (y, (2 * x + 3 * y) % 5);
        t += 1;
    }
    offsets
}

/// One Keccak-f[1600] permutation of the state, lanes at x + 5y.
pub fn permute(a: &mut [u64; 25]) {
    for constant in ROUND {
        let mut c = [0u64; 5];
        for x in 0..5 {
            c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        }
        let mut b = [0u64; 25];
        for x in 0..5 {
            let d = c[(x + 4) % 5] ^ c[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                b[y + 5 * ((2 * x + 3 * y) % 5)] = (a[x + 5 * y] ^ d).rotate_left(ROTATION[x + 5 * y]);
            }
        }
        for y in 0..5 {
            for x in 0..5 {
                a[x + 5 * y] = b[x + 5 * y] ^ (!b[(x + 1) % 5 + 5 * y] & b[(x + 2) % 5 + 5 * y]);
            }
        }
        a[0] ^= constant;
    }
}

fn absorb(state: &mut [u64; 25], block: &[u8; RATE]) {
    for (lane, bytes) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *lane ^= u64::from_le_bytes(*bytes);
    }
    permute(state);
}

/// Keccak-256 of the concatenated parts.
pub fn keccak256_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = [0u64; 25];
    let mut block = [0u8; RATE];
    let mut filled = 0;
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            let take = rest.len().min(RATE - filled);
            block[filled..filled + take].copy_from_slice(&rest[..take]);
            filled += take;
            rest = &rest[take..];
            if filled == RATE {
                absorb(&mut state, &block);
                filled = 0;
            }
        }
    }
    block[filled..].fill(0);
    block[filled] ^= 0x01;
    block[RATE - 1] ^= 0x80;
    absorb(&mut state, &block);
    digest_of(&state)
}

/// Keccak-256 of one message.
pub fn keccak256(message: &[u8]) -> [u8; 32] {
    keccak256_parts(&[message])
}

fn digest_of(state: &[u64; 25]) -> [u8; 32] {
    let mut out = [0u8; 32];
    for (bytes, lane) in out.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *bytes = lane.to_le_bytes();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha3::Digest;

    #[test]
    fn every_length_around_the_rate_equals_an_independent_implementation() {
        let message: Vec<u8> = (0..600u32).map(|i| (i * 7 + 3) as u8).collect();

        for length in 0..message.len() {
            let expected: [u8; 32] = sha3::Keccak256::digest(&message[..length]).into();
            assert_eq!(keccak256(&message[..length]), expected, "{length} bytes");
            let cut = length / 3;
            assert_eq!(keccak256_parts(&[&message[..cut], &message[cut..length]]), expected);
        }
    }
}
