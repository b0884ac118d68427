//! EIP-712 digests of batches: shapes checked, rows split over threads, on any path.

use crate::batch::{Malformed, rows, rows_exactly};
use crate::dispatch::{self, Path};
use crate::eip712::Messages;
use crate::threads;

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
