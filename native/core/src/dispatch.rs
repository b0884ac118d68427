//! Chooses the machine at run time and enters its code with its instructions enabled.
//!
//! Soundness of the `unsafe` in this file: the functions of `wide` need instructions that not every
//! processor has; each asks [`crate::ifma::available`] about this very processor before it goes on.

use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::Address;
use crate::base::Base;
use crate::eip712::{self, Messages};
use crate::kernel::{self, Claim, Verdict};
use crate::portable::Portable;
use crate::recover::{self, Found, Sought};
use crate::sponge;
use crate::table;
use crate::vector::Point;

/// A way to compute; every path gives the same answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// libsecp256k1, one by one.
    Reference,
    /// Tables and shared inversions on one lane.
    Portable,
    /// The same on eight lanes of AVX-512 IFMA.
    Ifma,
}

impl Path {
    /// Its name in `explain()`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "libsecp256k1",
            Self::Portable => "portable",
            Self::Ifma => "avx512ifma",
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_ifma() -> bool {
    crate::ifma::available()
}
#[cfg(not(target_arch = "x86_64"))]
fn has_ifma() -> bool {
    false
}

static FORCED: AtomicU8 = AtomicU8::new(0);

/// Every path this processor can take, the fastest first.
pub fn paths() -> Vec<Path> {
    let mut paths = vec![Path::Portable, Path::Reference];
    if has_ifma() {
        paths.insert(0, Path::Ifma);
    }
    paths
}

/// Takes this path from now on (tests and benchmarks); None takes the fastest. False if it cannot be taken.
pub fn force(path: Option<Path>) -> bool {
    if path == Some(Path::Ifma) && !has_ifma() {
        return false;
    }
    FORCED.store(path.map_or(0, |p| p as u8 + 1), Ordering::Relaxed);
    true
}

/// The path taken now.
pub fn path() -> Path {
    match FORCED.load(Ordering::Relaxed) {
        1 => Path::Reference,
        2 => Path::Portable,
        3 => Path::Ifma,
        _ if has_ifma() => Path::Ifma,
        _ => Path::Portable,
    }
}

static BASE: LazyLock<Base> = LazyLock::new(Base::new);

/// The generator's table, made on first use.
pub fn base() -> &'static Base {
    &BASE
}

/// Checks claims whose tables have this width. The reference path has no tables: it leaves all undecided.
pub fn verify(path: Path, claims: &[Claim<'_>], width: u32, base: &Base) -> Vec<Verdict> {
    match path {
        Path::Reference => vec![Verdict::Undecided; claims.len()],
        Path::Portable => kernel::verify::<Portable>(claims, width, base),
        Path::Ifma => wide::verify(claims, width, base),
    }
}

/// The width of a table that a key earns first: it should cost no more to build than eight verifications by
/// libsecp256k1.
pub const fn narrow(path: Path) -> u32 {
    match path {
        Path::Ifma => table::NARROW,
        Path::Portable | Path::Reference => table::NARROW_PORTABLE,
    }
}

/// The table of a point that is on the curve.
pub fn build_table(path: Path, key: &Point, width: u32) -> Vec<Point> {
    match path {
        Path::Ifma => wide::build(key, width),
        _ => table::build::<crate::portable::Fe>(key, width),
    }
}

/// The signers of signatures. Without tables one lane gains nothing on libsecp256k1 (measured: 0.9 times its
/// rate), and trying first would let a signer make both be paid; so eight lanes seek and the others ask it.
pub fn recover(path: Path, sought: &[Sought<'_>]) -> Vec<Found> {
    match path {
        Path::Reference | Path::Portable => vec![Found::Undecided; sought.len()],
        Path::Ifma => wide::recover(sought, base()),
    }
}

/// The EIP-712 digests of these rows.
pub fn digests(path: Path, messages: &Messages<'_>, range: Range<usize>) -> Vec<[u8; 32]> {
    match path {
        Path::Ifma => wide::digests(messages, range),
        _ => eip712::digest_rows::<Portable>(messages, range),
    }
}

/// The addresses of public keys.
pub fn addresses(path: Path, points: &[Point]) -> Vec<Address> {
    match path {
        Path::Ifma => wide::addresses(points),
        _ => sponge::addresses::<Portable>(points),
    }
}

/// A function that enters the generic one on eight lanes with the processor's instructions enabled.
#[cfg(target_arch = "x86_64")]
macro_rules! enter {
    ($name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $generic:expr) => {
        pub fn $name($($argument: $kind),*) -> $result {
            #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
            fn inner($($argument: $kind),*) -> $result {
                $generic($($argument),*)
            }
            assert!(has_ifma());
            // SAFETY: the processor has the instructions, it was just asked.
            unsafe { inner($($argument),*) }
        }
    };
}

#[cfg(not(target_arch = "x86_64"))]
macro_rules! enter {
    ($name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $generic:expr) => {
        pub fn $name($(_: $kind),*) -> $result {
            unreachable!("this processor has no AVX-512")
        }
    };
}

mod wide {
    use super::*;
    #[cfg(target_arch = "x86_64")]
    use crate::ifma::{Fe8, Ifma};

    enter!(verify(claims: &[Claim<'_>], width: u32, base: &Base) -> Vec<Verdict> = kernel::verify::<Ifma>);
    enter!(build(key: &Point, width: u32) -> Vec<Point> = table::build::<Fe8>);
    enter!(recover(sought: &[Sought<'_>], base: &Base) -> Vec<Found> = recover::recover::<Ifma>);
    enter!(digests(messages: &Messages<'_>, rows: Range<usize>) -> Vec<[u8; 32]> = eip712::digest_rows::<Ifma>);
    enter!(addresses(points: &[Point]) -> Vec<Address> = sponge::addresses::<Ifma>);
}
