//! Signed rows: distinct keys in turn, another digest for each row, RFC 6979 signatures.

use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::sign;

/// The columns of a batch, and the key of each row.
pub struct Rows {
    pub digests: Vec<u8>,
    pub signatures: Vec<u8>,
    pub signers: Vec<u8>,
    /// x ‖ y of each distinct key.
    pub public_keys: Vec<u8>,
    pub keys: usize,
}

/// A secret key that depends on the label and the number only.
pub fn secret(label: &str, number: usize) -> [u8; 32] {
    let mut secret = keccak256(format!("{label} {number}").as_bytes());
    // Below the group order and not zero.
    secret[0] &= 0x7f;
    secret[31] |= 1;
    secret
}

impl Rows {
    /// So many rows of so many keys, row by row the next key.
    pub fn good(label: &str, rows: usize, keys: usize) -> Self {
        let digests = (0..rows).map(|row| keccak256(format!("{label} row {row}").as_bytes())).collect();
        Self::over(label, digests, keys)
    }

    /// The same over digests of one's own.
    pub fn over(label: &str, digests: Vec<[u8; 32]>, keys: usize) -> Self {
        let secrets: Vec<_> = (0..keys).map(|key| secret(label, key)).collect();
        let by_row: Vec<_> = (0..digests.len()).map(|row| secrets[row % keys]).collect();
        let digests = digests.into_flattened();
        let signatures = sign::sign(by_row.as_flattened(), &digests).expect("good keys");
        let addresses = sign::addresses(secrets.as_flattened()).expect("good keys");
        let signers = (0..by_row.len()).flat_map(|row| addresses[row % keys * 20..][..20].to_vec()).collect();
        let public_keys = sign::public_keys(secrets.as_flattened()).expect("good keys");
        Self { digests, signatures, signers, public_keys, keys }
    }

    /// Replaces a row's digest and signature.
    pub fn write(&mut self, row: usize, digest: [u8; 32], r: [u8; 32], s: [u8; 32], v: u8) {
        self.digests[32 * row..][..32].copy_from_slice(&digest);
        self.signatures[65 * row..][..32].copy_from_slice(&r);
        self.signatures[65 * row + 32..][..32].copy_from_slice(&s);
        self.signatures[65 * row + 64] = v;
    }

    /// The columns of the rows from `first` on.
    pub fn part(&self, first: usize, count: usize) -> (&[u8], &[u8], &[u8]) {
        (
            &self.digests[32 * first..][..32 * count],
            &self.signatures[65 * first..][..65 * count],
            &self.signers[20 * first..][..20 * count],
        )
    }
}
