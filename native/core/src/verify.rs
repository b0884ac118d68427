//! Verification and recovery of batches: shapes checked, rows split over threads, each row sent to the
//! path that decides it fastest. Every path gives the same answer.

use crate::Address;
use crate::batch::{Malformed, rows, rows_exactly};
use crate::dispatch::{self, Path};
use crate::kernel::{Claim, Verdict};
use crate::recover::{Found, Sought};
use crate::reference;
use crate::registry::{Entry, Reading, Registry, shared};
use crate::signature::Signature;
use crate::sponge;
use crate::table::{NARROW, WIDE};
use crate::threads;
use crate::vector::Point;

/// The least number of signatures that is worth a thread of its own.
const LEAST: usize = 256;

/// A batch whose shapes agree.
struct Columns<'a> {
    digests: &'a [[u8; 32]],
    signatures: &'a [[u8; 65]],
    signers: &'a [Address],
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
    let reading = registry.read();
    let outcomes = threads::map(digests.len(), LEAST, |range| vec![columns.decide(path, &reading, range)]);
    drop(reading);
    let mut verdicts = Vec::with_capacity(digests.len());
    for outcome in outcomes {
        verdicts.extend(outcome.verdicts);
        registry.credit(&outcome.accepted);
        outcome.widen.iter().for_each(|address| registry.widen(address));
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

/// Fewer rows than this are cheaper one by one than in lanes that are mostly empty.
const FEW: usize = 4;

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
    Some((reference::address_of(&key), point_of(&key)))
}

/// The affine point of a public key.
pub fn point_of(key: &secp256k1::PublicKey) -> Point {
    let bytes = key.serialize_uncompressed();
    sponge::point_of(bytes.last_chunk().expect("65 bytes end in 64"))
}

impl Columns<'_> {
    fn decide(&self, path: Path, reading: &Reading<'_>, range: std::ops::Range<usize>) -> Outcome {
        let first = range.start;
        let mut outcome = Outcome { verdicts: vec![false; range.len()], ..Outcome::default() };
        let mut of_width = [(NARROW, Vec::new()), (WIDE, Vec::new())];
        let mut unknown = Vec::new();
        for row in range {
            let Some(signature) = Signature::parse(&self.signatures[row]) else { continue };
            let entry = if path == Path::Reference { None } else { reading.get(&self.signers[row]) };
            match entry {
                Some(entry) => of_width[usize::from(entry.width == WIDE)].1.push((entry, row, signature)),
                None => unknown.push(row),
            }
        }
        for (width, known) in of_width {
            self.decide_known(path, width, known, first, &mut outcome);
        }
        self.decide_unknown(path, &unknown, first, &mut outcome);
        outcome
    }

    /// Rows of the same key go side by side, so that its table is read while it is in the caches.
    fn decide_known<'a>(
        &'a self,
        path: Path,
        width: u32,
        mut known: Vec<(&'a Entry, usize, Signature<'a>)>,
        first: usize,
        outcome: &mut Outcome,
    ) {
        known.sort_unstable_by_key(|(entry, row, _)| (entry.table.as_ptr(), *row));
        let claims: Vec<_> = known
            .iter()
            .map(|&(entry, row, signature)| Claim {
                digest: &self.digests[row],
                signature,
                table: &entry.table,
            })
            .collect();
        let verdicts = dispatch::verify(path, &claims, width, dispatch::base());
        for ((entry, row, _), verdict) in known.into_iter().zip(verdicts) {
            let valid = match verdict {
                Verdict::Valid => true,
                Verdict::Invalid => false,
                Verdict::Undecided => self.by_reference(row),
            };
            if valid && entry.accept() {
                outcome.widen.push(self.signers[row]);
            }
            outcome.verdicts[row - first] = valid;
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
pub fn register(registry: &Registry, public_keys: &[u8], often: bool) -> Result<Vec<u8>, Malformed> {
    let keys = rows::<64>("public_keys", public_keys)?;
    let points = keys
        .iter()
        .enumerate()
        .map(|(row, bytes)| checked(bytes).ok_or(Malformed::PublicKey { row }))
        .collect::<Result<Vec<_>, _>>()?;
    let addresses = dispatch::addresses(dispatch::path(), &points);
    let known: Vec<_> = addresses.iter().copied().zip(points).collect();
    registry.register(&known, if often { WIDE } else { NARROW });
    Ok(addresses.into_flattened())
}

/// The point of a public key, if it is on the curve.
fn checked(bytes: &[u8; 64]) -> Option<Point> {
    let mut sec1 = [4u8; 65];
    sec1[1..].copy_from_slice(bytes);
    secp256k1::PublicKey::from_slice(&sec1).ok()?;
    Some(sponge::point_of(bytes))
}
