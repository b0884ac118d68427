//! The shapes of a batch: columns of rows of fixed width that must agree on the number of rows.

use std::fmt;

/// Columns that do not fit together, or a key no signature can be made with. There is no partial answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// `bytes` is no multiple of `width`.
    Ragged { column: &'static str, bytes: usize, width: usize },
    /// The column has another number of rows than the first column.
    Rows { column: &'static str, rows: usize, expected: usize },
    /// A batch of digests needs at least one column: without any its number of rows is unknown.
    NoColumns,
    /// The secret key in this row is zero or not below the group order.
    Key { row: usize },
    /// The public key in this row is no point of the curve.
    PublicKey { row: usize },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ragged { column, bytes, width } => {
                write!(f, "{column}: {bytes} bytes are no whole number of rows of {width}")
            }
            Self::Rows { column, rows, expected } => {
                write!(f, "{column}: {rows} rows, but the first column has {expected}")
            }
            Self::PublicKey { row } => write!(f, "public_keys: row {row} is no point of secp256k1"),
            Self::NoColumns => write!(f, "columns: at least one column is needed"),
            Self::Key { row } => write!(f, "keys: row {row} is no secret key of secp256k1"),
        }
    }
}

impl std::error::Error for Malformed {}

/// Cuts a column into rows of `W` bytes, or says that it is ragged.
pub fn rows<'a, const W: usize>(column: &'static str, bytes: &'a [u8]) -> Result<&'a [[u8; W]], Malformed> {
    match bytes.as_chunks::<W>() {
        (rows, []) => Ok(rows),
        _ => Err(Malformed::Ragged { column, bytes: bytes.len(), width: W }),
    }
}

/// Cuts a column into exactly `expected` rows of `W` bytes.
pub fn rows_exactly<'a, const W: usize>(
    column: &'static str,
    bytes: &'a [u8],
    expected: usize,
) -> Result<&'a [[u8; W]], Malformed> {
    let rows = rows::<W>(column, bytes)?;
    if rows.len() == expected {
        Ok(rows)
    } else {
        Err(Malformed::Rows { column, rows: rows.len(), expected })
    }
}
