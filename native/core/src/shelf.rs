//! Tables of one width, side by side in blocks of [`Pages`].
//!
//! There are no gaps: where a table goes the last one takes its place. So a shelf holds less than two blocks more than
//! its tables need, and the few KiB of each block in which no table fits, whatever comes and goes.

use crate::Address;
use crate::pages::Pages;
use crate::table::points;
use crate::vector::Point;

/// Points of a block at most: 4 MiB.
const BLOCK: usize = 1 << 16;

/// See the module. A place is the number of a table.
pub struct Shelf {
    width: u32,
    blocks: Vec<Pages>,
    owners: Vec<Address>,
}

impl Shelf {
    /// An empty one.
    pub fn new(width: u32) -> Self {
        Self { width, blocks: Vec::new(), owners: Vec::new() }
    }

    /// How many tables stand here.
    pub fn count(&self) -> usize {
        self.owners.len()
    }

    /// The table at this place.
    pub fn table(&self, place: usize) -> &[Point] {
        let (block, first) = self.within(place);
        &self.blocks[block].points()[first..][..points(self.width)]
    }

    /// Copies a table to the end; returns its place.
    pub fn push(&mut self, owner: Address, table: &[Point]) -> usize {
        let place = self.owners.len();
        if place == self.blocks.len() * self.per_block() {
            self.blocks.push(Pages::of(self.per_block() * points(self.width)));
        }
        self.owners.push(owner);
        self.write(place, table);
        place
    }

    /// Removes the table at this place; returns the owner of the one that stands there now, if there is one.
    pub fn swap_remove(&mut self, place: usize) -> Option<Address> {
        let last = self.owners.len() - 1;
        if place < last {
            let moved = self.table(last).to_vec();
            self.write(place, &moved);
        }
        self.owners.swap_remove(place);
        // One block stays for the next table.
        self.blocks.truncate(last.div_ceil(self.per_block()) + 1);
        self.owners.get(place).copied()
    }

    fn write(&mut self, place: usize, table: &[Point]) {
        let (block, first) = self.within(place);
        self.blocks[block].points_mut()[first..][..table.len()].copy_from_slice(table);
    }

    fn within(&self, place: usize) -> (usize, usize) {
        (place / self.per_block(), place % self.per_block() * points(self.width))
    }

    fn per_block(&self) -> usize {
        BLOCK / points(self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::WIDE;

    fn table(number: u64) -> Vec<Point> {
        (0..points(WIDE) as u64).map(|at| Point([number, at, 0, 0, 0, 0, 0, 0])).collect()
    }

    fn owner(number: u64) -> Address {
        let mut address = [0; 20];
        address[..8].copy_from_slice(&number.to_le_bytes());
        address
    }

    #[test]
    fn what_is_left_is_whole_and_without_gaps_after_any_removals() {
        let mut shelf = Shelf::new(WIDE);
        let mut expected: Vec<u64> = (0..100).collect();
        for number in &expected {
            shelf.push(owner(*number), &table(*number));
        }

        for step in 0..95 {
            let place = step * 37 % expected.len();
            expected.swap_remove(place);
            assert_eq!(shelf.swap_remove(place), expected.get(place).map(|number| owner(*number)));
        }

        assert_eq!(shelf.blocks.len(), 2);
        assert_eq!(shelf.count(), expected.len());
        for (place, number) in expected.into_iter().enumerate() {
            assert_eq!(shelf.table(place), table(number));
        }
    }
}
