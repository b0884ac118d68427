//! Verification and recovery of batches: shapes checked, rows split over threads, each row sent to the
//! path that decides it fastest. Every path gives the same answer.

use std::ops::Range;

use crate::Address;
use crate::batch::{Malformed, rows, rows_exactly};
use crate::dispatch::{self, Path};
use crate::kernel::{Claim, Verdict};
use crate::recover::{Found, Sought};
use crate::reference;
use crate::registry::{Entry, Reading, Registry, shared};
use crate::signature::Signature;
use crate::sponge;
use crate::table::WIDE;
use crate::threads;
use crate::vector::Point;

/// The least number of signatures that is worth a thread of its own.
const LEAST: usize = 256;

/// Rows that one reading of the registry serves. No table can be added meanwhile: for some thirty milliseconds on
/// eight lanes, two hundred on one.
const READING: usize = 16_384;

/// A batch whose shapes agree.
struct Columns<'a> {
    digests: &'a [[u8; 32]],
    signatures: &'a [[u8; 65]],
    signers: &'a [Address],
}

/// A row whose key has a table.
struct Known<'a> {
    entry: &'a Entry,
    table: &'a [Point],
    row: usize,
    signature: Signature<'a>,
}

/// What a run of rows came to: its verdicts, and what the registry learns from them.
#[derive(Default)]
struct Outcome {
    verdicts: Vec<bool>,
    accepted: Vec<(Address, Point)>,
    widen: Vec<Address>,
}

/// For each row: is the signature in the accept set and made by this address over this digest?
pub fn verify(digests: &[u8], signatures: &[u8], signers: &[u8]) -> Result<Vec<bool>, Malformed> {
    verify_with(shared(), dispatch::path(), digests, signatures, signers)
}

/// The same on a path and with a registry of one's own.
pub fn verify_with(
    registry: &Registry,
    path: Path,
    digests: &[u8],
    signatures: &[u8],
    signers: &[u8],
) -> Result<Vec<bool>, Malformed> {
    let digests = rows::<32>("digests", digests)?;
    let signatures = rows_exactly::<65>("signatures", signatures, digests.len())?;
    let signers = rows_exactly::<20>("signers", signers, digests.len())?;
    let columns = Columns { digests, signatures, signers };
    let outcomes = threads::map(digests.len(), LEAST, |range| {
        let parts = range.clone().step_by(READING);
        parts.map(|first| columns.decide(path, registry, first..(first + READING).min(range.end))).collect()
    });
    let mut verdicts = Vec::with_capacity(digests.len());
    for outcome in outcomes {
        verdicts.extend(outcome.verdicts);
        registry.credit(path, &outcome.accepted);
        outcome.widen.iter().for_each(|address| registry.widen(path, address));
    }
    Ok(verdicts)
}

/// For each row: the address that made the signature, or None outside the accept set.
pub fn recover(digests: &[u8], signatures: &[u8]) -> Result<Vec<Option<Address>>, Malformed> {
    recover_with(dispatch::path(), digests, signatures)
}

/// The same on a path of one's own.
pub fn recover_with(
    path: Path,
    digests: &[u8],
    signatures: &[u8],
) -> Result<Vec<Option<Address>>, Malformed> {
    let digests = rows::<32>("digests", digests)?;
    let signatures = rows_exactly::<65>("signatures", signatures, digests.len())?;
    Ok(threads::map(digests.len(), LEAST, |range| {
        let found = recover_keys(path, &digests[range.clone()], &signatures[range]);
        found.into_iter().map(|key| key.map(|(address, _)| address)).collect()
    }))
}

/// Fewer unknown rows than this are cheaper one by one than in lanes that are mostly empty.
const FEW: usize = 7;
/// The same of rows whose keys have tables.
const FEW_KNOWN: usize = 2;

fn recover_keys(path: Path, digests: &[[u8; 32]], signatures: &[[u8; 65]]) -> Vec<Option<(Address, Point)>> {
    let mut found = vec![None; digests.len()];
    let mut places = Vec::with_capacity(digests.len());
    let mut sought = Vec::with_capacity(digests.len());
    for (row, (digest, signature)) in digests.iter().zip(signatures).enumerate() {
        if let Some(signature) = Signature::parse(signature) {
            places.push(row);
            sought.push(Sought { digest, signature });
        }
    }
    let path = if sought.len() < FEW { Path::Reference } else { path };
    for (row, answer) in places.into_iter().zip(dispatch::recover(path, &sought)) {
        found[row] = match answer {
            Found::Key(address, key) => Some((address, key)),
            Found::Nobody => None,
            Found::Undecided => by_reference(&digests[row], &signatures[row]),
        };
    }
    found
}

fn by_reference(digest: &[u8; 32], signature: &[u8; 65]) -> Option<(Address, Point)> {
    let key = reference::recover_key(digest, signature)?;
    Some((reference::address_of(&key), reference::point_of(&key)))
}

impl Columns<'_> {
    fn decide(&self, path: Path, registry: &Registry, range: Range<usize>) -> Outcome {
        let reading = registry.read();
        let first = range.start;
        let mut outcome = Outcome { verdicts: vec![false; range.len()], ..Outcome::default() };
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        for row in range {
            let Some(signature) = Signature::parse(&self.signatures[row]) else { continue };
            let entry = if path == Path::Reference { None } else { reading.get(&self.signers[row]) };
            match entry {
                Some((entry, table)) => known.push(Known { entry, table, row, signature }),
                None => unknown.push(row),
            }
        }
        // Rows of the same key go side by side, so that its table is read while it is in the caches.
        known.sort_unstable_by_key(|known| (known.entry.width, known.table.as_ptr(), known.row));
        for of_width in known.chunk_by(|a, b| a.entry.width == b.entry.width) {
            self.decide_known(path, &reading, of_width, first, &mut outcome);
        }
        // Recovery takes longer and needs no table.
        drop(reading);
        self.decide_unknown(path, &unknown, first, &mut outcome);
        outcome
    }

    /// Rows whose keys have tables of one width.
    fn decide_known(
        &self,
        path: Path,
        reading: &Reading<'_>,
        known: &[Known<'_>],
        first: usize,
        outcome: &mut Outcome,
    ) {
        let claims: Vec<_> = known
            .iter()
            .map(|known| Claim {
                digest: &self.digests[known.row],
                signature: known.signature,
                table: known.table,
            })
            .collect();
        let path = if claims.len() < FEW_KNOWN { Path::Reference } else { path };
        let verdicts = dispatch::verify(path, &claims, known[0].entry.width, dispatch::base());
        for (known, verdict) in known.iter().zip(verdicts) {
            let valid = match verdict {
                Verdict::Valid => true,
                Verdict::Invalid => false,
                Verdict::Undecided => self.by_reference(known.row),
            };
            if valid && reading.accept(known.entry) {
                outcome.widen.push(self.signers[known.row]);
            }
            outcome.verdicts[known.row - first] = valid;
        }
    }

    fn by_reference(&self, row: usize) -> bool {
        reference::verify(&self.digests[row], &self.signatures[row], &self.signers[row])
    }

    fn decide_unknown(&self, path: Path, unknown: &[usize], first: usize, outcome: &mut Outcome) {
        let digests: Vec<_> = unknown.iter().map(|&row| self.digests[row]).collect();
        let signatures: Vec<_> = unknown.iter().map(|&row| self.signatures[row]).collect();
        for (&row, found) in unknown.iter().zip(recover_keys(path, &digests, &signatures)) {
            let Some((address, key)) = found else { continue };
            if address == self.signers[row] {
                outcome.verdicts[row - first] = true;
                outcome.accepted.push((address, key));
            }
        }
    }
}

/// The address of each public key (N × 64, x ‖ y), each with a table from now on as far as the cap allows.
pub fn register(
    registry: &Registry,
    path: Path,
    public_keys: &[u8],
    often: bool,
) -> Result<Vec<u8>, Malformed> {
    let keys = rows::<64>("public_keys", public_keys)?;
    let points = keys
        .iter()
        .enumerate()
        .map(|(row, bytes)| checked(bytes).ok_or(Malformed::PublicKey { row }))
        .collect::<Result<Vec<_>, _>>()?;
    let addresses = dispatch::addresses(path, &points);
    let known: Vec<_> = addresses.iter().copied().zip(points).collect();
    registry.register(path, &known, if often { WIDE } else { dispatch::narrow(path) });
    Ok(addresses.into_flattened())
}

/// The point of a public key, if it is on the curve.
fn checked(bytes: &[u8; 64]) -> Option<Point> {
    let mut sec1 = [4u8; 65];
    sec1[1..].copy_from_slice(bytes);
    secp256k1::PublicKey::from_slice(&sec1).ok()?;
    Some(sponge::point_of(bytes))
}
