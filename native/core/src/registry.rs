//! The keys that hold a table, under a memory cap.
//!
//! A key is stored only after a signature of it was accepted (so it is on the curve and gives its address) or
//! after [`Registry::register`] checked both. Keys are free, so an unregistered key pays for its table first: it
//! earns a narrow one with [`EARNS_NARROW`] accepted signatures, by when it has cost about as much in slower
//! verifications as the table costs to build, and a wide one with [`EARNS_WIDE`] in the free half of the cap.
//! Once the cap is reached, an earned table displaces the least recently used of those whose keys had fewer
//! signatures accepted than its own, and never a registered key's; where there is none the key stays without.
//! So a flood of fresh keys moves only keys that signed less than each of them. The counts of keys with tables halve
//! once a day, by the clock and not by the traffic, so that who left makes room and a flood cannot hurry it. A registered key
//! displaces earned tables first, then the least recently used. Tables change speed, never a verdict.
//! Source of the admission by count: Einziger, Friedman and Manes, "TinyLFU", ACM Transactions on Storage 2017.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use crate::Address;
use crate::dispatch::{self, Path};
use crate::shelf::Shelf;
use crate::table::{NARROW_PORTABLE, WIDE, points};
use crate::vector::Point;

/// Accepted signatures that earn a narrow table.
pub const EARNS_NARROW: u64 = 16;
/// Accepted signatures that earn a wide table while half of the cap is free.
pub const EARNS_WIDE: u64 = 256;
/// Keys that are counted without a table; beyond it all counts halve, and those of one go.
const CANDIDATES: usize = 65_536;
/// The default cap: narrow tables for 3,800 payers.
pub const DEFAULT_CAP_BYTES: usize = 320 << 20;
/// Counts halve after so long.
const DAY_SECONDS: u64 = 86_400;

/// A key's table and what decides over its fate.
pub struct Entry {
    pub width: u32,
    place: usize,
    is_registered: bool,
    accepted: AtomicU64,
    last_used: AtomicU64,
}

/// Who goes first: who is not registered, then who was least recently used.
type Rank = (bool, u64, Address);

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
    /// By width.
    shelves: BTreeMap<u32, Shelf>,
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

/// The entries, held still while rows are checked against them.
pub struct Reading<'a> {
    held: RwLockReadGuard<'a, Held>,
    now: u64,
}

impl Reading<'_> {
    /// The key's entry and its table.
    pub fn get(&self, address: &Address) -> Option<(&Entry, &[Point])> {
        let entry = self.held.entries.get(address)?;
        Some((entry, self.held.table(entry)))
    }

    /// Counts an accepted signature, which is what using a table means; true when it has just earned a wide one.
    pub fn accept(&self, entry: &Entry) -> bool {
        entry.last_used.store(self.now, Ordering::Relaxed);
        let accepted = entry.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        entry.width < WIDE && accepted.is_multiple_of(EARNS_WIDE)
    }
}

impl Entry {
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

    /// Opens the registry to read from. Nothing is added while a reading lives: it should not live long.
    pub fn read(&self) -> Reading<'_> {
        let days = self.since.elapsed().as_secs() / DAY_SECONDS;
        let aged = self.aged_days.fetch_max(days, Ordering::Relaxed);
        if aged < days {
            self.age(days - aged);
        }
        let now = self.clock.fetch_add(1, Ordering::Relaxed) + 1;
        Reading { held: self.held(), now }
    }

    /// Halves every count once for each of these days.
    pub fn age(&self, days: u64) {
        let halved = |count: u64| count.checked_shr(days.try_into().unwrap_or(u32::MAX)).unwrap_or(0);
        let mut held = self.held_to_write();
        for entry in held.entries.values() {
            entry.accepted.store(halved(entry.accepted.load(Ordering::Relaxed)), Ordering::Relaxed);
        }
        held.age_candidates(halved);
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().expect("no holder of this lock panics")
    }

    fn held_to_write(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().expect("no holder of this lock panics")
    }

    /// Sets the cap; tables beyond it go at once.
    pub fn set_cap(&self, bytes: usize) {
        self.cap_bytes.store(bytes as u64, Ordering::Relaxed);
        let mut held = self.held_to_write();
        let over = held.bytes.saturating_sub(bytes);
        held.make_room(bytes, over, Claim::Registered, None);
    }

    /// Forgets every key.
    pub fn clear(&self) {
        *self.held_to_write() = Held::default();
    }

    /// What it holds now.
    pub fn figures(&self) -> Figures {
        let held = self.held();
        let wide = held.shelves.get(&WIDE).map_or(0, Shelf::count);
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
        self.held().entries.contains_key(address)
    }

    /// Gives keys that were checked a table at once, as far as the cap allows.
    pub fn register(&self, path: Path, keys: &[(Address, Point)], width: u32) {
        for (address, key) in keys {
            self.insert(path, *address, key, width, Claim::Registered);
        }
    }

    /// Counts accepted signatures of keys without a table; builds what was earned.
    pub fn credit(&self, path: Path, accepted: &[(Address, Point)]) {
        if accepted.is_empty() {
            return;
        }
        for (address, key, count) in self.count(accepted) {
            self.insert(path, address, &key, dispatch::narrow(path), Claim::Earned(count));
        }
    }

    /// Gives a key with a narrow table a wide one, if half of the cap stays free.
    pub fn widen(&self, path: Path, address: &Address) {
        let wanted = {
            let held = self.held();
            let room = held.bytes + table_bytes(WIDE) <= self.cap() / 2;
            // The key itself is the first entry of its table: 1·2^0·Q.
            held.entries.get(address).filter(|_| room).map(|entry| (held.table(entry)[0], entry.claim()))
        };
        if let Some((key, claim)) = wanted {
            self.insert(path, *address, &key, WIDE, claim);
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
        let mut held = self.held_to_write();
        let mut earned = Vec::new();
        for (address, (key, more)) in sums {
            if let Some(entry) = held.entries.get(&address) {
                entry.accepted.fetch_add(more, Ordering::Relaxed);
                continue;
            }
            while held.candidates.len() >= CANDIDATES && !held.candidates.contains_key(&address) {
                held.age_candidates(|count| count / 2);
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
    fn insert(&self, path: Path, address: Address, key: &Point, width: u32, claim: Claim) {
        if !self.held_to_write().is_wanted(self.cap(), &address, width, claim) {
            return;
        }
        let table = dispatch::build_table(path, key, width);
        let now = self.clock.load(Ordering::Relaxed);
        self.held_to_write().insert(self.cap(), address, &table, width, claim, now);
    }
}

impl Entry {
    fn new(width: u32, place: usize, claim: Claim, now: u64) -> Self {
        let (is_registered, accepted) = match claim {
            Claim::Registered => (true, 0),
            Claim::Earned(count) => (false, count),
        };
        Self { width, place, is_registered, accepted: accepted.into(), last_used: now.into() }
    }

    /// This entry where another one stood: what that one was is not lost.
    fn after(mut self, before: Option<Entry>) -> Self {
        if let Some(before) = before {
            self.is_registered |= before.is_registered;
            *self.accepted.get_mut() = (*self.accepted.get_mut()).max(before.accepted.into_inner());
        }
        self
    }

    fn rank(&self, address: Address) -> Rank {
        (self.is_registered, self.last_used.load(Ordering::Relaxed), address)
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
    /// Whether a table of this width should be built for this key. One that has it already is only told of the claim.
    fn is_wanted(&mut self, cap: usize, address: &Address, width: u32, claim: Claim) -> bool {
        if let Some(entry) = self.entries.get_mut(address).filter(|entry| entry.width >= width) {
            entry.is_registered |= matches!(claim, Claim::Registered);
            return false;
        }
        table_bytes(width) <= cap
            && (self.over(cap, width, address) == 0 || self.yielding(claim, Some(address)).next().is_some())
    }

    /// The bytes that are missing where this key gets a table of this width, in place of the one it has.
    fn over(&self, cap: usize, width: u32, address: &Address) -> usize {
        let own = self.entries.get(address).map_or(0, |entry| table_bytes(entry.width));
        (self.bytes + table_bytes(width)).saturating_sub(cap + own)
    }

    /// Puts a table in its place, if there is room or the claim makes some; else nothing changes.
    fn insert(&mut self, cap: usize, address: Address, table: &[Point], width: u32, claim: Claim, now: u64) {
        // Another thread may have been faster.
        if !self.is_wanted(cap, &address, width, claim)
            || !self.make_room(cap, self.over(cap, width, &address), claim, Some(&address))
        {
            return;
        }
        let before = self.remove(&address);
        self.candidates.remove(&address);
        let place = self.shelves.entry(width).or_insert_with(|| Shelf::new(width)).push(address, table);
        self.bytes += table_bytes(width);
        self.entries.insert(address, Entry::new(width, place, claim, now).after(before));
    }

    fn table(&self, entry: &Entry) -> &[Point] {
        self.shelves[&entry.width].table(entry.place)
    }

    /// The tables that go before this claim, each with its rank: the lowest goes first.
    fn yielding(&self, claim: Claim, but: Option<&Address>) -> impl Iterator<Item = (Rank, usize)> {
        self.entries
            .iter()
            .filter(move |(address, entry)| Some(*address) != but && entry.yields_to(claim))
            .map(|(address, entry)| (entry.rank(*address), table_bytes(entry.width)))
    }

    /// Drops tables until so many bytes are free. False, and nothing is dropped, where the claim does not reach.
    ///
    /// A registered key takes a sixteenth of a large cap more than it needs, so that it is rarely looked for; an earned
    /// table costs one look at each entry.
    fn make_room(&mut self, cap: usize, over: usize, claim: Claim, but: Option<&Address>) -> bool {
        if over == 0 {
            return true;
        }
        let mut victims: Vec<_> = self.yielding(claim, but).collect();
        if victims.iter().map(|(_, bytes)| bytes).sum::<usize>() < over {
            return false;
        }
        let more = if cap / 16 < table_bytes(WIDE) { 0 } else { cap / 16 };
        let goal = if matches!(claim, Claim::Registered) { over + more } else { over };
        let most = goal.div_ceil(table_bytes(NARROW_PORTABLE));
        if most < victims.len() {
            victims.select_nth_unstable(most);
            victims.truncate(most);
        }
        victims.sort_unstable();
        let mut freed = 0;
        for (rank, bytes) in victims {
            if freed >= goal {
                break;
            }
            freed += bytes;
            self.displace(&rank.2);
        }
        true
    }

    /// A key that loses its table goes on counting.
    fn displace(&mut self, address: &Address) {
        let Some(entry) = self.remove(address) else { return };
        self.candidates.insert(*address, entry.accepted.into_inner());
    }

    fn remove(&mut self, address: &Address) -> Option<Entry> {
        let entry = self.entries.remove(address)?;
        self.bytes -= table_bytes(entry.width);
        let moved = self.shelves.get_mut(&entry.width).and_then(|shelf| shelf.swap_remove(entry.place));
        if let Some(moved) = moved.and_then(|owner| self.entries.get_mut(&owner)) {
            moved.place = entry.place;
        }
        Some(entry)
    }

    fn age_candidates(&mut self, aged: impl Fn(u64) -> u64) {
        self.candidates.retain(|_, count| {
            *count = aged(*count);
            *count > 0
        });
    }
}
