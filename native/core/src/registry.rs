//! The keys that earned a table, under a memory cap.
//!
//! A key is stored only after a signature of it was accepted (so it is on the curve and gives its address)
//! or after [`Registry::register`] checked both. It earns a narrow table with [`EARNS_NARROW`] accepted
//! signatures and a wide one with [`EARNS_WIDE`], the latter only in the free half of the cap; so a row of
//! fresh keys costs its sender accepted payments before it can displace a resident. When the cap is
//! reached the least recently used tables go. Tables change speed, never a verdict.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, RwLock, RwLockReadGuard};

use crate::Address;
use crate::dispatch;
use crate::table::{NARROW, WIDE, points};
use crate::vector::Point;

/// Accepted signatures that earn a narrow table.
pub const EARNS_NARROW: u32 = 3;
/// Accepted signatures that earn a wide table while half of the cap is free.
pub const EARNS_WIDE: u64 = 256;
/// Keys that are counted without a table; beyond it all of them start again.
const CANDIDATES: usize = 65_536;
/// The default cap: narrow tables for 5,000 payers.
const DEFAULT_CAP_BYTES: usize = 256 << 20;

/// A key's table and what decides over its fate.
pub struct Entry {
    pub width: u32,
    pub table: Vec<Point>,
    accepted: AtomicU64,
    last_used: AtomicU64,
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
    candidates: HashMap<Address, (Point, u32)>,
}

/// See the module.
pub struct Registry {
    held: RwLock<Held>,
    cap_bytes: AtomicU64,
    clock: AtomicU64,
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
        self.width == NARROW && self.accepted.fetch_add(1, Ordering::Relaxed) + 1 == EARNS_WIDE
    }
}

impl Registry {
    /// An empty registry.
    pub fn new(cap_bytes: usize) -> Self {
        Self {
            held: RwLock::default(),
            cap_bytes: AtomicU64::new(cap_bytes as u64),
            clock: AtomicU64::new(0),
        }
    }

    /// Opens the registry for one batch.
    pub fn read(&self) -> Reading<'_> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed) + 1;
        Reading { held: self.held.read().expect("no holder of this lock panics"), now }
    }

    /// Sets the cap; tables beyond it go at once.
    pub fn set_cap(&self, bytes: usize) {
        self.cap_bytes.store(bytes as u64, Ordering::Relaxed);
        let mut held = self.held.write().expect("no holder of this lock panics");
        self.make_room(&mut held, 0);
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

    /// Gives keys that were checked a table at once, as far as the cap allows.
    pub fn register(&self, keys: &[(Address, Point)], width: u32) {
        for (address, key) in keys {
            self.insert(*address, key, width);
        }
    }

    /// Counts accepted signatures of keys without a table; builds what was earned.
    pub fn credit(&self, accepted: &[(Address, Point)]) {
        if accepted.is_empty() {
            return;
        }
        for (address, key) in self.count(accepted) {
            self.insert(address, &key, NARROW);
        }
    }

    /// Gives a key with a narrow table a wide one, if half of the cap stays free.
    pub fn widen(&self, address: &Address) {
        let room = {
            let held = self.held.read().expect("no holder of this lock panics");
            held.bytes + table_bytes(WIDE) <= self.cap() / 2
        };
        let key = room.then(|| self.first_point(address)).flatten();
        if let Some(key) = key {
            self.insert(*address, &key, WIDE);
        }
    }

    fn cap(&self) -> usize {
        self.cap_bytes.load(Ordering::Relaxed) as usize
    }

    /// The key itself is the first entry of its table: 1·2^0·Q.
    fn first_point(&self, address: &Address) -> Option<Point> {
        let held = self.held.read().expect("no holder of this lock panics");
        held.entries.get(address).and_then(|entry| entry.table.first().copied())
    }

    fn count(&self, accepted: &[(Address, Point)]) -> Vec<(Address, Point)> {
        let mut held = self.held.write().expect("no holder of this lock panics");
        let mut earned = Vec::new();
        for (address, key) in accepted {
            if held.entries.contains_key(address) {
                continue;
            }
            if held.candidates.len() >= CANDIDATES && !held.candidates.contains_key(address) {
                held.candidates.clear();
            }
            let count = &mut held.candidates.entry(*address).or_insert((*key, 0)).1;
            *count += 1;
            if *count == EARNS_NARROW {
                held.candidates.remove(address);
                earned.push((*address, *key));
            }
        }
        earned
    }

    /// Builds outside the lock, so that readers go on meanwhile.
    fn insert(&self, address: Address, key: &Point, width: u32) {
        if table_bytes(width) > self.cap() {
            return;
        }
        let table = dispatch::build_table(dispatch::path(), key, width);
        let now = self.clock.load(Ordering::Relaxed);
        let mut held = self.held.write().expect("no holder of this lock panics");
        if let Some(old) = held.entries.remove(&address) {
            held.bytes -= table_bytes(old.width);
        }
        self.make_room(&mut held, table_bytes(width));
        held.bytes += table_bytes(width);
        let entry = Entry { width, table, accepted: AtomicU64::new(0), last_used: AtomicU64::new(now) };
        held.entries.insert(address, entry);
    }

    /// Drops least recently used tables; a sixteenth more than needed, so that sorting stays rare.
    fn make_room(&self, held: &mut Held, bytes: usize) {
        let cap = self.cap();
        if held.bytes + bytes <= cap {
            return;
        }
        let goal = (cap - cap / 16).saturating_sub(bytes);
        let mut oldest: Vec<(u64, Address)> = held
            .entries
            .iter()
            .map(|(address, entry)| (entry.last_used.load(Ordering::Relaxed), *address))
            .collect();
        oldest.sort_unstable();
        for (_, address) in oldest {
            if held.bytes <= goal {
                break;
            }
            if let Some(entry) = held.entries.remove(&address) {
                held.bytes -= table_bytes(entry.width);
            }
        }
    }
}
