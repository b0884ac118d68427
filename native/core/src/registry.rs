//! The keys that hold a table, under a memory cap.
//!
//! A key is stored only after a signature of it was accepted (so it is on the curve and gives its address) or
//! after [`Registry::register`] checked both. Keys are free, so an unregistered key pays for its table first: it
//! earns a narrow one with [`EARNS_NARROW`] accepted signatures, by when it has cost about as much in slower
//! verifications as the table costs to build, and a wide one with [`EARNS_WIDE`] in the free half of the cap.
//! Once the cap is reached, an earned table displaces the least recently used of those whose keys had fewer
//! signatures accepted than its own, and never a registered key's; where there is none the key stays without.
//! So a flood of fresh keys moves only keys that signed less than each of them. Counts halve once a day, by the
//! clock and not by the traffic, so that who left makes room and a flood cannot hurry it. A registered key
//! displaces earned tables first, then the least recently used. Tables change speed, never a verdict.
//! Source of the admission by count: Einziger, Friedman and Manes, "TinyLFU", ACM Transactions on Storage 2017.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, RwLock, RwLockReadGuard};
use std::time::Instant;

use crate::Address;
use crate::dispatch;
use crate::table::{NARROW, WIDE, points};
use crate::vector::Point;

/// Accepted signatures that earn a narrow table.
pub const EARNS_NARROW: u64 = 16;
/// Accepted signatures that earn a wide table while half of the cap is free.
pub const EARNS_WIDE: u64 = 256;
/// Keys that are counted without a table; beyond it all counts halve, and those of one go.
const CANDIDATES: usize = 65_536;
/// The default cap: narrow tables for 3,800 payers.
const DEFAULT_CAP_BYTES: usize = 320 << 20;
/// Counts halve after so long.
const DAY_SECONDS: u64 = 86_400;

/// A key's table and what decides over its fate.
pub struct Entry {
    pub width: u32,
    pub table: Vec<Point>,
    is_registered: bool,
    accepted: AtomicU64,
    last_used: AtomicU64,
}

/// What a new table may displace.
#[derive(Clone, Copy)]
enum Claim {
    Registered,
    /// With so many accepted signatures.
    Earned(u64),
}

/// Figures for `explain()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub narrow: usize,
    pub wide: usize,
    pub bytes: usize,
    pub cap_bytes: usize,
    pub candidates: usize,
}

#[derive(Default)]
struct Held {
    entries: HashMap<Address, Entry>,
    bytes: usize,
    candidates: HashMap<Address, u64>,
}

/// See the module.
pub struct Registry {
    held: RwLock<Held>,
    cap_bytes: AtomicU64,
    clock: AtomicU64,
    since: Instant,
    aged_days: AtomicU64,
}

static SHARED: LazyLock<Registry> = LazyLock::new(|| Registry::new(DEFAULT_CAP_BYTES));

/// The one registry of this process.
pub fn shared() -> &'static Registry {
    &SHARED
}

/// Bytes of a table of this width.
pub const fn table_bytes(width: u32) -> usize {
    points(width) * size_of::<Point>()
}

/// The entries, held still while a batch reads them.
pub struct Reading<'a> {
    held: RwLockReadGuard<'a, Held>,
    now: u64,
}

impl Reading<'_> {
    /// The key's entry, marked as used now.
    pub fn get(&self, address: &Address) -> Option<&Entry> {
        let entry = self.held.entries.get(address)?;
        entry.last_used.store(self.now, Ordering::Relaxed);
        Some(entry)
    }
}

impl Entry {
    /// Counts an accepted signature; true when it has just earned a wide table.
    pub fn accept(&self) -> bool {
        let accepted = self.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        self.width == NARROW && accepted.is_multiple_of(EARNS_WIDE)
    }

    fn yields_to(&self, claim: Claim) -> bool {
        match claim {
            Claim::Registered => true,
            Claim::Earned(count) => !self.is_registered && self.accepted.load(Ordering::Relaxed) < count,
        }
    }
}

impl Registry {
    /// An empty registry.
    pub fn new(cap_bytes: usize) -> Self {
        Self {
            held: RwLock::default(),
            cap_bytes: AtomicU64::new(cap_bytes as u64),
            clock: AtomicU64::new(0),
            since: Instant::now(),
            aged_days: AtomicU64::new(0),
        }
    }

    /// Opens the registry for one batch.
    pub fn read(&self) -> Reading<'_> {
        let days = self.since.elapsed().as_secs() / DAY_SECONDS;
        if self.aged_days.fetch_max(days, Ordering::Relaxed) < days {
            self.age();
        }
        let now = self.clock.fetch_add(1, Ordering::Relaxed) + 1;
        Reading { held: self.held.read().expect("no holder of this lock panics"), now }
    }

    /// Halves every count: what is due once a day.
    pub fn age(&self) {
        let mut held = self.held.write().expect("no holder of this lock panics");
        for entry in held.entries.values() {
            entry.accepted.store(entry.accepted.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
        }
        held.halve_candidates();
    }

    /// Sets the cap; tables beyond it go at once.
    pub fn set_cap(&self, bytes: usize) {
        self.cap_bytes.store(bytes as u64, Ordering::Relaxed);
        let mut held = self.held.write().expect("no holder of this lock panics");
        held.make_room(bytes, 0, Claim::Registered);
    }

    /// Forgets every key.
    pub fn clear(&self) {
        *self.held.write().expect("no holder of this lock panics") = Held::default();
    }

    /// What it holds now.
    pub fn figures(&self) -> Figures {
        let held = self.held.read().expect("no holder of this lock panics");
        let wide = held.entries.values().filter(|entry| entry.width == WIDE).count();
        Figures {
            narrow: held.entries.len() - wide,
            wide,
            bytes: held.bytes,
            cap_bytes: self.cap(),
            candidates: held.candidates.len(),
        }
    }

    /// Whether this key holds a table.
    pub fn holds(&self, address: &Address) -> bool {
        self.held.read().expect("no holder of this lock panics").entries.contains_key(address)
    }

    /// Gives keys that were checked a table at once, as far as the cap allows.
    pub fn register(&self, keys: &[(Address, Point)], width: u32) {
        for (address, key) in keys {
            self.insert(*address, key, width, Claim::Registered);
        }
    }

    /// Counts accepted signatures of keys without a table; builds what was earned.
    pub fn credit(&self, accepted: &[(Address, Point)]) {
        if accepted.is_empty() {
            return;
        }
        for (address, key, count) in self.count(accepted) {
            self.insert(address, &key, NARROW, Claim::Earned(count));
        }
    }

    /// Gives a key with a narrow table a wide one, if half of the cap stays free.
    pub fn widen(&self, address: &Address) {
        let wanted = {
            let held = self.held.read().expect("no holder of this lock panics");
            let room = held.bytes + table_bytes(WIDE) <= self.cap() / 2;
            // The key itself is the first entry of its table: 1·2^0·Q.
            held.entries.get(address).filter(|_| room).map(|entry| (entry.table[0], entry.claim()))
        };
        if let Some((key, claim)) = wanted {
            self.insert(*address, &key, WIDE, claim);
        }
    }

    fn cap(&self) -> usize {
        self.cap_bytes.load(Ordering::Relaxed) as usize
    }

    /// The keys whose counts came to a table: at first, and when it was refused at each doubling.
    fn count(&self, accepted: &[(Address, Point)]) -> Vec<(Address, Point, u64)> {
        let mut sums: HashMap<Address, (Point, u64)> = HashMap::new();
        for (address, key) in accepted {
            sums.entry(*address).or_insert((*key, 0)).1 += 1;
        }
        let mut held = self.held.write().expect("no holder of this lock panics");
        let mut earned = Vec::new();
        for (address, (key, more)) in sums {
            if held.entries.contains_key(&address) {
                continue;
            }
            while held.candidates.len() >= CANDIDATES && !held.candidates.contains_key(&address) {
                held.halve_candidates();
            }
            let count = held.candidates.entry(address).or_insert(0);
            let doublings = |count: u64| (count / EARNS_NARROW).checked_ilog2();
            let before = doublings(*count);
            *count += more;
            if doublings(*count) > before {
                earned.push((address, key, *count));
            }
        }
        earned
    }

    /// Builds outside the lock, so that readers go on meanwhile.
    fn insert(&self, address: Address, key: &Point, width: u32, claim: Claim) {
        let bytes = table_bytes(width);
        let is_possible = {
            let held = self.held.read().expect("no holder of this lock panics");
            held.victims(self.cap(), bytes, claim).is_some()
        };
        if !is_possible {
            return;
        }
        let table = dispatch::build_table(dispatch::path(), key, width);
        let mut held = self.held.write().expect("no holder of this lock panics");
        held.remove(&address);
        if held.make_room(self.cap(), bytes, claim) {
            held.bytes += bytes;
            held.candidates.remove(&address);
            held.entries.insert(address, Entry::new(width, table, claim, self.clock.load(Ordering::Relaxed)));
        }
    }
}

impl Entry {
    fn new(width: u32, table: Vec<Point>, claim: Claim, now: u64) -> Self {
        let (is_registered, accepted) = match claim {
            Claim::Registered => (true, 0),
            Claim::Earned(count) => (false, count),
        };
        Self { width, table, is_registered, accepted: accepted.into(), last_used: now.into() }
    }

    fn claim(&self) -> Claim {
        if self.is_registered {
            Claim::Registered
        } else {
            Claim::Earned(self.accepted.load(Ordering::Relaxed))
        }
    }
}

impl Held {
    /// The tables that go to make room for so many bytes, or None where the claim does not reach. A registered
    /// key takes a sixteenth more than it needs, so that sorting stays rare.
    fn victims(&self, cap: usize, bytes: usize, claim: Claim) -> Option<Vec<Address>> {
        let over = (self.bytes + bytes).saturating_sub(cap);
        if over == 0 {
            return Some(Vec::new());
        }
        let goal = if matches!(claim, Claim::Registered) { over + cap / 16 } else { over };
        let mut yielding: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.yields_to(claim))
            .map(|(address, entry)| (entry.is_registered, entry.last_used.load(Ordering::Relaxed), *address))
            .collect();
        yielding.sort_unstable();
        let (mut freed, mut victims) = (0, Vec::new());
        for (_, _, address) in yielding {
            if freed >= goal {
                break;
            }
            freed += table_bytes(self.entries[&address].width);
            victims.push(address);
        }
        (freed >= over).then_some(victims)
    }

    /// False, and nothing is dropped, where the claim does not reach.
    fn make_room(&mut self, cap: usize, bytes: usize, claim: Claim) -> bool {
        let Some(victims) = self.victims(cap, bytes, claim) else { return false };
        victims.iter().for_each(|address| self.remove(address));
        true
    }

    fn remove(&mut self, address: &Address) {
        if let Some(entry) = self.entries.remove(address) {
            self.bytes -= table_bytes(entry.width);
        }
    }

    fn halve_candidates(&mut self) {
        self.candidates.retain(|_, count| {
            *count /= 2;
            *count > 0
        });
    }
}
