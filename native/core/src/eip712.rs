//! EIP-712 digests of many messages of one type, from columns of encoded words.
//!
//! digest = keccak(0x1901 ‖ domain separator ‖ keccak(type hash ‖ words)). Strings and bytes stand in
//! their column as their Keccak-256, as the standard's encodeData says.

use crate::batch::{Malformed, rows, rows_exactly};
use crate::keccak::keccak256_parts;
use crate::threads;

/// The digests, N × 32, of N messages whose fields stand in `columns` of N × 32 bytes each.
pub fn digests(
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
    Ok(threads::map(count, 512, |range| {
        range.map(|row| digest(domain_separator, type_hash, &columns, row)).collect()
    })
    .into_flattened())
}

fn digest(domain: &[u8; 32], type_hash: &[u8; 32], columns: &[&[[u8; 32]]], row: usize) -> [u8; 32] {
    let mut parts: Vec<&[u8]> = Vec::with_capacity(columns.len() + 1);
    parts.push(type_hash);
    parts.extend(columns.iter().map(|column| column[row].as_slice()));
    let structure = keccak256_parts(&parts);
    keccak256_parts(&[b"\x19\x01", domain, &structure])
}
