//! Inverses modulo n of a batch of numbers, with one inversion for all: Montgomery, "Speeding the Pollard and
//! elliptic curve methods", 1987, section 10.3.1.

use crate::portable::Sc;
use crate::vector::{Field, Machine, ONE_MONTGOMERY, Ring, TWO_R2};
use crate::words::Words;

/// In each vector 1/(2·number), in Montgomery form. Numbers are in 1..n.
#[inline(always)]
pub fn half_inverses<M: Machine>(numbers: &[Words]) -> Vec<M::Sc> {
    let mut scaled: Vec<M::Sc> = Vec::with_capacity(numbers.len());
    let mut prefix: Vec<M::Sc> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let number = M::Sc::load(number).montgomery(M::Sc::splat(TWO_R2));
        let product = match (prefix.last(), scaled.last()) {
            (Some(p), Some(s)) => p.montgomery(*s),
            _ => M::Sc::splat(ONE_MONTGOMERY),
        };
        scaled.push(number);
        prefix.push(product);
    }
    let Some(last) = prefix.len().checked_sub(1) else { return Vec::new() };
    let mut inverse = invert_lanes::<M>(prefix[last].montgomery(scaled[last]));
    for i in (0..numbers.len()).rev() {
        let own = inverse.montgomery(prefix[i]);
        inverse = inverse.montgomery(scaled[i]);
        scaled[i] = own;
    }
    scaled
}

#[inline(always)]
fn invert_lanes<M: Machine>(product: M::Sc) -> M::Sc {
    let one = Sc(ONE_MONTGOMERY);
    let (mut lanes, mut prefix) = ([one; 8], [one; 8]);
    let count = <M::Fe as Field>::LANES;
    let mut all = one;
    for lane in 0..count {
        lanes[lane] = Sc(product.lane(lane));
        prefix[lane] = all;
        all = all.montgomery(lanes[lane]);
    }
    let mut inverse = all.inverse().expect("numbers in 1..n have an inverse");
    for lane in (0..count).rev() {
        let own = inverse.montgomery(prefix[lane]);
        inverse = inverse.montgomery(lanes[lane]);
        lanes[lane] = own;
    }
    M::Sc::from_lanes(&lanes.map(|lane| lane.0))
}
