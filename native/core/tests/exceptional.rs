//! Rows whose sum meets equal or opposite points: each is noticed and left to libsecp256k1, no other row is touched.
//! With the blinding unknown a signer can only make the last two points opposite, and that is decided at once.

mod common;

use bandai_coin_core::base::{Base, POSITIONS};
use bandai_coin_core::dispatch::{Path, build_table, paths, verify};
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::kernel::{Claim, Verdict};
use bandai_coin_core::reference::point_of;
use bandai_coin_core::registry::Registry;
use bandai_coin_core::sign;
use bandai_coin_core::signature::{HALF_ORDER, Signature};
use bandai_coin_core::table::{NARROW, NARROW_PORTABLE, WIDE};
use bandai_coin_core::vector::Point;
use bandai_coin_core::verify::{recover_with, register, verify_with};
use common::{Random, Row, column, infinite, inverse, oracle, seed, signed_by_scalars, small};
use secp256k1::{Scalar, SecretKey};

/// The position of the key that the kernel adds to position 0 of the generator.
const MET: usize = 256usize.div_ceil(NARROW as usize) - POSITIONS + 1;

fn key(bytes: [u8; 32]) -> SecretKey {
    SecretKey::from_secret_bytes(bytes).expect("below the order")
}

/// Blinding that a test knows; it sums to zero.
fn known_blinding(random: &mut Random) -> Vec<SecretKey> {
    let mut secrets: Vec<_> = (1..POSITIONS).map(|_| key(random.word())).collect();
    let add = |sum: SecretKey, secret: &SecretKey| sum.add_tweak(&Scalar::from(*secret)).expect("not zero");
    secrets.push(secrets[1..].iter().fold(secrets[0], add).negate());
    secrets
}

/// The key whose entry ±1 at that position is ± the blinded entry 5 of the generator: d·2^(w·MET) = 5 + T_0.
fn meeting_key(blinding: &[SecretKey]) -> SecretKey {
    let half = Scalar::from_be_bytes([
        // (n + 1)/2, which halves.
        0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d,
        0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa1,
    ])
    .expect("below the order");
    let met = blinding[0].add_tweak(&Scalar::from(key(small(5)))).expect("not zero");
    (0..NARROW as usize * MET).fold(met, |d, _| d.mul_tweak(&half).expect("not zero"))
}

/// Rows by that key, with digit 5 at position 0 of the generator and scalars that are random otherwise.
fn aimed(random: &mut Random, d: &SecretKey, count: usize) -> Vec<Row> {
    let public = d.public_key().serialize_uncompressed();
    let signer = keccak256(&public[1..])[12..].try_into().expect("20 bytes");
    let mut rows = Vec::with_capacity(count);
    while rows.len() < count {
        let (mut u1, mut u2) = (random.word(), random.word());
        (u1[0], u2[0]) = (u1[0] & 0x7f, u2[0] & 0x7f);
        // The lowest digit, of twelve bits.
        (u1[30], u1[31]) = (u1[30] & 0xf0, 5);
        rows.extend(signed_by_scalars(d, &key(u1), &key(u2), signer));
    }
    rows
}

fn verdicts(path: Path, rows: &[Row], table: &[Point], width: u32, base: &Base) -> Vec<Verdict> {
    let claims: Vec<_> = rows
        .iter()
        .map(|row| Claim {
            digest: &row.digest,
            signature: Signature::parse(&row.signature).expect("in the accept set"),
            table,
        })
        .collect();
    verify(path, &claims, width, base)
}

#[test]
fn equal_and_opposite_points_are_left_undecided_and_all_other_rows_are_decided() {
    let mut random = Random(seed());
    let blinding = known_blinding(&mut random);
    let d = meeting_key(&blinding);
    let mut rows = aimed(&mut random, &d, 1500);
    for row in rows.iter_mut().step_by(3) {
        row.digest[7] ^= 1;
    }
    let expected: Vec<_> =
        rows.iter().map(|row| oracle(&row.digest, &row.signature) == Some(row.signer)).collect();
    let base = Base::blinded_by(&blinding);

    for path in paths().into_iter().filter(|path| *path != Path::Reference) {
        let table = build_table(path, &point_of(&d.public_key()), NARROW);
        let found = verdicts(path, &rows, &table, NARROW, &base);

        // One in 32 of the untouched rows has the digit 1 or −1 at that position of the key.
        let undecided = found.iter().filter(|verdict| **verdict == Verdict::Undecided).count();
        assert!((5..200).contains(&undecided), "{path:?}: {undecided}");
        for (row, verdict) in found.iter().enumerate() {
            match verdict {
                Verdict::Undecided => assert!(expected[row], "{path:?}: only untouched rows were aimed"),
                decided => assert_eq!(*decided == Verdict::Valid, expected[row], "{path:?} {row}"),
            }
        }
    }
}

#[test]
fn a_sum_at_infinity_which_any_signer_can_make_is_refused_without_libsecp256k1() {
    let mut random = Random(seed());
    let d = key(random.word());
    let rows = infinite(&mut random, &d, 300);
    let base = Base::new();

    for path in paths().into_iter().filter(|path| *path != Path::Reference) {
        let table = build_table(path, &point_of(&d.public_key()), NARROW);

        assert!(
            verdicts(path, &rows, &table, NARROW, &base)
                .into_iter()
                .all(|verdict| verdict == Verdict::Invalid)
        );
    }
}

/// Valid rows over hashes whose nonce is so many times 33·2^252·d: it puts one position of the key, the generator's
/// positions together or both on a place that the signer knows.
fn with_a_known_nonce(random: &mut Random, times: u8, count: usize) -> (SecretKey, Vec<Row>) {
    let d = key(random.word());
    let mut power = [0; 32];
    power[0] = 0x10;
    let scalar = |key: SecretKey| Scalar::from(key);
    let k = d.mul_tweak(&scalar(key(small(33 * times)))).expect("not zero").negate();
    let k = k.mul_tweak(&scalar(key(power))).expect("not zero");
    let public = d.public_key().serialize_uncompressed();
    let signer = keccak256(&public[1..])[12..].try_into().expect("20 bytes");
    let point = k.public_key().serialize_uncompressed();
    let r = key(point[1..33].try_into().expect("32 bytes"));
    let rd = scalar(r.mul_tweak(&scalar(d)).expect("not zero"));
    let inverse = scalar(inverse(&k));
    let mut rows = Vec::with_capacity(count);
    while rows.len() < count {
        let digest = keccak256(&random.word());
        let s = key(digest).add_tweak(&rd).expect("not zero").mul_tweak(&inverse).expect("not zero");
        if s.to_secret_bytes() <= HALF_ORDER {
            let mut row = Row { digest, signature: [27 + (point[64] & 1); 65], signer };
            row.signature[..32].copy_from_slice(&r.to_secret_bytes());
            row.signature[32..64].copy_from_slice(&s.to_secret_bytes());
            rows.push(row);
        }
    }
    (d, rows)
}

#[test]
fn a_nonce_that_puts_a_part_of_the_sum_on_a_known_place_leaves_no_row_undecided() {
    let mut random = Random(seed());
    let base = Base::new();
    for times in [1, 2] {
        let (d, rows) = with_a_known_nonce(&mut random, times, 400);
        for width in [NARROW_PORTABLE, NARROW, WIDE] {
            for path in paths().into_iter().filter(|path| *path != Path::Reference) {
                let table = build_table(path, &point_of(&d.public_key()), width);
                let found = verdicts(path, &rows, &table, width, &base);
                assert!(found.into_iter().all(|verdict| verdict == Verdict::Valid), "{path:?} {width}");
            }
        }
    }
}

#[test]
fn rows_aimed_at_another_blinding_are_all_decided_for_each_process_draws_its_own() {
    let mut random = Random(seed());
    let d = meeting_key(&known_blinding(&mut random));
    let rows = aimed(&mut random, &d, 300);
    let bases = [Base::new(), Base::new()];

    assert_ne!(bases[0].entries(0)[..64], bases[1].entries(0)[..64]);
    for path in paths().into_iter().filter(|path| *path != Path::Reference) {
        let table = build_table(path, &point_of(&d.public_key()), NARROW);
        let found = verdicts(path, &rows, &table, NARROW, &bases[0]);
        assert!(found.into_iter().all(|verdict| verdict == Verdict::Valid));
    }
}

#[test]
fn sums_at_infinity_among_good_rows_are_answered_as_libsecp256k1_answers() {
    let mut random = Random(seed());
    let d = key(random.word());
    let mut rows = infinite(&mut random, &d, 300);
    for at in (0..rows.len()).step_by(3) {
        rows[at].signature =
            sign::sign(&d.to_secret_bytes(), &rows[at].digest).expect("a key")[..].try_into().expect("65");
    }
    let recovered: Vec<_> = rows.iter().map(|row| oracle(&row.digest, &row.signature)).collect();
    let expected: Vec<_> = (0..rows.len()).map(|at| at % 3 == 0).collect();
    let public = sign::public_keys(&d.to_secret_bytes()).expect("a key");

    for path in paths() {
        let registry = Registry::new(1 << 20);
        register(&registry, path, &public, false).expect("a point");
        let (digests, signatures) = (column(&rows, |row| row.digest), column(&rows, |row| row.signature));
        let answer = verify_with(&registry, path, &digests, &signatures, &column(&rows, |row| row.signer));
        assert_eq!(answer.expect("shapes"), expected, "{path:?}");
        assert_eq!(recover_with(path, &digests, &signatures).expect("shapes"), recovered, "{path:?}");
    }
}

#[test]
fn recovery_where_both_halves_are_equal_or_opposite_is_answered_as_libsecp256k1_answers() {
    // z = −s·k makes (s/r)·R and −(z/r)·G equal; z = s·k makes the key the point at infinity.
    let mut random = Random(seed());
    let mut rows = Vec::new();
    for at in 0..200 {
        let k = key(random.word());
        let point = k.public_key().serialize_uncompressed();
        let mut row = Row { digest: [0; 32], signature: [0; 65], signer: [0; 20] };
        row.signature[..32].copy_from_slice(&point[1..33]);
        row.signature[32..64].copy_from_slice(&small(1 + at));
        row.signature[64] = 27 + (point[64] & 1);
        let z = k.mul_tweak(&Scalar::from(key(small(1 + at)))).expect("not zero");
        row.digest = if at % 2 == 0 { z.negate() } else { z }.to_secret_bytes();
        rows.push(row);
    }
    let expected: Vec<_> = rows.iter().map(|row| oracle(&row.digest, &row.signature)).collect();
    assert_eq!(expected.iter().filter(|found| found.is_none()).count(), 100);

    for path in paths() {
        let found = recover_with(path, &column(&rows, |row| row.digest), &column(&rows, |row| row.signature));
        assert_eq!(found.expect("shapes"), expected, "{path:?}");
    }
}
