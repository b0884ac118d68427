//! Field and scalar arithmetic of every machine, at the edges of every limb, against plain big numbers.

use crate::modinv;
use crate::portable::{Fe, Portable, Sc, pack, unpack};
use crate::table::{NARROW, NARROW_PORTABLE, WIDE, offset, positions};
use crate::vector::{Digits, Field, Machine, Ring};
use crate::words::Words;

const P: [u64; 4] = [0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX];
const N: [u64; 4] = [0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, u64::MAX];

/// a·b mod m, bit by bit: slow and plain.
fn product(a: [u64; 4], b: [u64; 4], m: [u64; 4]) -> [u64; 4] {
    let mut out = [0; 4];
    for bit in (0..256).rev() {
        out = sum(out, out, m);
        if b[bit / 64] >> (bit % 64) & 1 == 1 {
            out = sum(out, a, m);
        }
    }
    out
}

fn sum(a: [u64; 4], b: [u64; 4], m: [u64; 4]) -> [u64; 4] {
    let (mut out, mut carry) = ([0; 4], 0u128);
    for i in 0..4 {
        carry += u128::from(a[i]) + u128::from(b[i]);
        out[i] = carry as u64;
        carry >>= 64;
    }
    if carry == 1 || !less(out, m) { difference(out, m) } else { out }
}

fn difference(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    let (mut out, mut borrow) = ([0; 4], false);
    for i in 0..4 {
        let (t, b1) = a[i].overflowing_sub(b[i]);
        let (t, b2) = t.overflowing_sub(u64::from(borrow));
        (out[i], borrow) = (t, b1 || b2);
    }
    out
}

fn less(a: [u64; 4], b: [u64; 4]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// Numbers below m with limbs of zeros, ones and edges.
fn edges(m: [u64; 4]) -> Vec<[u64; 4]> {
    let one = [1, 0, 0, 0];
    let mut numbers = vec![[0; 4], one, [2, 0, 0, 0], difference(m, one), difference(m, [2, 0, 0, 0])];
    for limb in 0..5 {
        for value in [1, (1u64 << 52) - 1, 1 << 51] {
            let mut limbs = [0; 5];
            limbs[limb] = if limb == 4 { value & 0xffff_ffff_ffff } else { value };
            numbers.push(pack(limbs));
            limbs = [(1 << 52) - 1; 5];
            limbs[4] = 0xffff_ffff_fffe;
            limbs[limb] = value & 0xffff_ffff_ffff;
            numbers.push(pack(limbs));
        }
    }
    // Around multiples of 2^256 − p, where what passes bit 256 is folded.
    for times in [1, 7, 8] {
        let fold = times * 0x1_0000_03d1u64;
        numbers.extend([[fold - 1, 0, 0, 0], [fold, 0, 0, 0], [fold + 1, 0, 0, 0]]);
    }
    let mut x = [0x9e37_79b9_7f4a_7c15u64; 4];
    for i in 0..20u64 {
        x = x.map(|w| w.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(i).rotate_left(17));
        x[1] ^= x[0];
        numbers.push(x);
    }
    numbers.into_iter().map(|number| if less(number, m) { number } else { difference(number, m) }).collect()
}

fn splat(number: [u64; 4]) -> Words {
    number.map(|word| [word; 8])
}

fn lane0(words: Words) -> [u64; 4] {
    words.map(|lanes| lanes[0])
}

fn field_agrees<F: Field>() {
    let numbers = edges(P);
    for &a in &numbers {
        let fa = F::load(&splat(a));
        assert_eq!(lane0(fa.words()), a);
        assert_eq!(fa.zero_lanes() & 1 == 1, a == [0; 4]);
        assert_eq!(lane0(fa.sqr().words()), product(a, a, P));
        for &b in &numbers {
            let fb = F::load(&splat(b));
            let minus_b = if b == [0; 4] { b } else { difference(P, b) };
            assert_eq!(lane0(fa.mul(fb).words()), product(a, b, P));
            assert_eq!(lane0(fa.add(fb).tight().words()), sum(a, b, P));
            assert_eq!(lane0(fa.sub(fb).tight().words()), sum(a, minus_b, P));
            assert_eq!(lane0(fa.sub(fb.negated_where(255)).tight().words()), sum(a, b, P));
            assert_eq!(
                lane0(fa.negated_where(255).sub(fb).tight().words()),
                sum(if a == [0; 4] { a } else { difference(P, a) }, minus_b, P)
            );
            assert_eq!(lane0(fa.mul_sub(fa, fb.negated_where(255)).words()), sum(product(a, a, P), b, P));
            assert_eq!(
                lane0(fa.sqr_sub2(fb, fb).words()),
                sum(product(a, a, P), sum(minus_b, minus_b, P), P)
            );
            // The widest factors a path makes: differences of negated and tight elements.
            let wide = fa.sub(fb.negated_where(255));
            assert_eq!(lane0(wide.mul(wide).words()), product(sum(a, b, P), sum(a, b, P), P));
        }
    }
}

fn scalars_agree<M: Machine>() {
    let numbers = edges(N);
    let shift = (0..260).fold([1, 0, 0, 0], |x, _| sum(x, x, N));
    for &a in &numbers {
        for &b in &numbers {
            let answer = M::Sc::load(&splat(a)).montgomery(M::Sc::load(&splat(b)));
            let answer = lane0(answer.words_plus([0; 5]));
            assert_eq!(product(answer, shift, N), product(a, b, N));
            let plus = lane0(M::Sc::load(&splat(a)).words_plus(unpack(b)));
            assert_eq!(plus, sum(a, b, N));
        }
    }
    for width in [NARROW_PORTABLE, NARROW, WIDE] {
        for eight in numbers.chunks(8) {
            digits_mean_their_numbers::<M>(width, eight);
        }
    }
}

/// Σ (2i + 1)·2^(wj) over the signed odd digits is the number, once the offset is added to it.
fn digits_mean_their_numbers<M: Machine>(width: u32, numbers: &[[u64; 4]]) {
    let lanes = M::Fe::LANES.min(numbers.len());
    let mut words = [[0; 8]; 4];
    for (lane, number) in numbers.iter().enumerate() {
        (0..4).for_each(|word| words[word][lane] = number[word]);
    }
    let with_offset = M::Sc::load(&words).words_plus(offset(width));
    let half = 1u64 << (width - 1);
    let mut sums = [[0; 4]; 8];
    for position in (0..positions(width) as u32).rev() {
        let digits: Digits = M::digits(&with_offset, width, position);
        for lane in 0..lanes {
            let entry = u64::from(digits[lane] & 0x7fff);
            assert_eq!(entry / half, u64::from(position));
            let odd = [2 * (entry % half) + 1, 0, 0, 0];
            let signed = if digits[lane] >> 15 == 1 { difference(N, odd) } else { odd };
            let shifted = (0..width).fold(sums[lane], |sums, _| sum(sums, sums, N));
            sums[lane] = sum(shifted, signed, N);
        }
    }
    // 2t − (2^(wD) − 1) with t = k + offset is 2k: the kernel halves its scalars first.
    for lane in 0..lanes {
        assert_eq!(sums[lane], sum(numbers[lane], numbers[lane], N), "width {width}");
    }
}

/// Words of p and above stand for what they are modulo p.
fn words_past_the_prime_are_reduced<F: Field>() {
    for (words, number) in [(P, 0), ([P[0] + 1, P[1], P[2], P[3]], 1), ([u64::MAX; 4], 0x1_0000_03d0)] {
        let loaded = F::load(&splat(words));
        assert_eq!(lane0(loaded.words()), [number, 0, 0, 0]);
        assert_eq!(loaded.zero_lanes() & 1 == 1, number == 0);
    }
}

#[test]
fn the_portable_machine_computes_as_plain_big_numbers() {
    field_agrees::<Fe>();
    words_past_the_prime_are_reduced::<Fe>();
    scalars_agree::<Portable>();
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_avx512_machine_computes_as_plain_big_numbers() {
    use crate::ifma::{Fe8, Ifma, available};
    if !available() {
        println!("this processor has no AVX-512 IFMA");
        return;
    }
    field_agrees::<Fe8>();
    words_past_the_prime_are_reduced::<Fe8>();
    scalars_agree::<Ifma>();
}

#[test]
fn inverses_times_their_numbers_are_one_and_zero_has_none() {
    for (m, modulus) in [(P, modinv::FIELD), (N, modinv::ORDER)] {
        for number in edges(m) {
            match modinv::invert(&number, &modulus) {
                Some(inverse) => assert_eq!(product(inverse, number, m), [1, 0, 0, 0]),
                None => assert_eq!(number, [0; 4]),
            }
        }
    }
    assert!(Sc([0; 5]).inverse().is_none());
}
