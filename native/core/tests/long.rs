//! A batch longer than one reading of the registry keeps its rows in order. In a file of its own, for it sets the
//! number of threads of the process.

mod common;

use bandai_coin_core::dispatch::paths;
use bandai_coin_core::registry::Registry;
use bandai_coin_core::{sign, threads, verify};
use common::{Random, Row, column, oracle, seed};

#[test]
fn every_row_of_a_batch_of_several_readings_gets_its_own_verdict() {
    let mut random = Random(seed());
    let secrets: Vec<_> = (0..5).map(|_| random.word()).collect();
    let signers = sign::addresses(secrets.as_flattened()).expect("good keys");
    // Seven do not divide the rows of a reading.
    let some: Vec<Row> = (0..7)
        .map(|at| {
            let digest = random.word();
            let signature =
                sign::sign(&secrets[at % 5], &digest).expect("a key").try_into().expect("65 bytes");
            let signer = signers.as_chunks::<20>().0[if at == 3 { 0 } else { at % 5 }];
            Row { digest, signature, signer }
        })
        .collect();
    let rows: Vec<Row> = (0..16_450).map(|row| some[row % 7].clone()).collect();
    let expected: Vec<_> =
        some.iter().map(|row| oracle(&row.digest, &row.signature) == Some(row.signer)).collect();
    let (digests, signatures) = (column(&rows, |row| row.digest), column(&rows, |row| row.signature));
    let signers = column(&rows, |row| row.signer);
    threads::set_limit(1);

    for path in paths() {
        let registry = Registry::new(1 << 24);
        let public = sign::public_keys(secrets[..4].as_flattened()).expect("good keys");
        verify::register(&registry, path, &public, false).expect("points");
        let answer = verify::verify_with(&registry, path, &digests, &signatures, &signers).expect("shapes");
        assert!(answer.iter().enumerate().all(|(row, valid)| *valid == expected[row % 7]), "{path:?}");
    }
}
