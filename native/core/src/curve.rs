//! Affine additions and doublings in batches: five products and a square each, one inversion for all.
//!
//! λ = (y2 − y1)/(x2 − x1), x3 = λ² − x1 − x2, y3 = λ(x1 − x3) − y1; for a doubling λ = 3x²/2y. All
//! denominators of a batch are inverted together (Montgomery, "Speeding the Pollard and elliptic curve
//! methods", 1987, section 10.3.1): prefix products forward, one inversion, and back.
//!
//! The addition is incomplete: equal or opposite points give a denominator of zero, and the shared product
//! becomes zero. That is noticed once per inversion; the lanes it stands in are lost, compute with a one in its
//! place, and their owner asks the reference path.

use crate::portable;
use crate::vector::Field;

/// An affine point in each lane.
pub type Pt<F> = (F, F);

/// So many chains of products run side by side, to fill the multiplier's latency.
pub const CHAINS: usize = 4;

/// The same expression for each of the chains; an array that is filled in a loop would be cleared first.
macro_rules! each {
    ($c:ident => $value:expr) => {
        [
            {
                let $c = 0;
                $value
            },
            {
                let $c = 1;
                $value
            },
            {
                let $c = 2;
                $value
            },
            {
                let $c = 3;
                $value
            },
        ]
    };
}

/// The additions or doublings of one batch: `groups` × `width` of them, `width` a multiple of [`CHAINS`].
pub trait Batch<F: Field> {
    fn groups(&self) -> usize;
    fn width(&self) -> usize;
    /// x2 − x1, or 2y of a doubling.
    fn denominator(&self, group: usize, at: usize) -> F;
    /// y2 − y1 or 3x², then x1, x2, y1.
    fn numerator(&self, group: usize, at: usize) -> (F, F, F, F);
    fn store(&mut self, group: usize, at: usize, point: Pt<F>);
}

#[inline(always)]
fn denominator<F: Field, B: Batch<F>>(batch: &B, lost: &[Lost], group: usize, at: usize) -> F {
    let plain = batch.denominator(group, at);
    if lost[at].any == 0 { plain } else { plain.one_where(lost[at].any) }
}

/// The lanes of a column in which an addition met equal or opposite points.
#[derive(Clone, Copy, Default)]
pub struct Lost {
    pub any: u8,
    /// Those whose points were opposite: their sum is the point at infinity.
    pub infinite: u8,
}

/// What a batch writes on its way: a denominator and the product of those before it for each addition.
pub struct Products<F>(Vec<[F; 2]>);

impl<F: Field> Products<F> {
    /// Room for so many additions.
    #[inline(always)]
    pub fn of(additions: usize) -> Self {
        Self(vec![[F::splat([1, 0, 0, 0, 0]); 2]; additions])
    }
    /// Makes room for so many additions.
    #[inline(always)]
    pub fn reserve(&mut self, additions: usize) {
        if self.0.len() < additions {
            *self = Self::of(additions);
        }
    }
}

/// Runs the batch. `products` has room for it; `lost` has the masks of each column.
#[inline(always)]
pub fn run<F: Field, B: Batch<F>>(batch: &mut B, products: &mut Products<F>, lost: &mut [Lost]) {
    let (groups, width) = (batch.groups(), batch.width());
    let products = &mut products.0[..groups * width];
    let mut inverse = loop {
        match invert_all(forward(batch, products, lost)) {
            Some(inverse) => break inverse,
            None => mark(batch, lost),
        }
    };
    for group in (0..groups).rev() {
        for first in (0..width).step_by(CHAINS).rev() {
            backward(batch, products, &mut inverse, group, first);
        }
    }
}

#[inline(always)]
fn forward<F: Field, B: Batch<F>>(batch: &B, products: &mut [[F; 2]], lost: &[Lost]) -> [F; CHAINS] {
    let mut product = [F::splat([1, 0, 0, 0, 0]); CHAINS];
    for group in 0..batch.groups() {
        for first in (0..batch.width()).step_by(CHAINS) {
            let four = &mut products[group * batch.width() + first..][..CHAINS];
            for c in 0..CHAINS {
                four[c][0] = denominator(batch, lost, group, first + c);
                four[c][1] = product[c];
            }
            for c in 0..CHAINS {
                product[c] = product[c].mul(four[c][0]);
            }
        }
    }
    product
}

/// One group of four additions, stage by stage: a whole addition would overfill the reorder buffer.
#[inline(always)]
fn backward<F: Field, B: Batch<F>>(
    batch: &mut B,
    products: &[[F; 2]],
    inverse: &mut [F; CHAINS],
    group: usize,
    first: usize,
) {
    let four = &products[group * batch.width() + first..][..CHAINS];
    let slope = each!(c => inverse[c].mul(four[c][1]));
    let rest = each!(c => inverse[c].mul(four[c][0]));
    let [a, b, c, d] = each!(c => batch.numerator(group, first + c));
    *inverse = rest;
    let slope = [slope[0].mul(a.0), slope[1].mul(b.0), slope[2].mul(c.0), slope[3].mul(d.0)];
    let (x1, x2, y1) = ([a.1, b.1, c.1, d.1], [a.2, b.2, c.2, d.2], [a.3, b.3, c.3, d.3]);
    let x3 = each!(c => slope[c].sqr_sub2(x1[c], x2[c]));
    let y3 = each!(c => slope[c].mul_sub(x1[c].sub(x3[c]), y1[c]));
    for c in 0..CHAINS {
        batch.store(group, first + c, (x3[c], y3[c]));
    }
}

/// Marks the lanes whose denominator is zero.
#[inline(always)]
fn mark<F: Field, B: Batch<F>>(batch: &B, lost: &mut [Lost]) {
    for group in 0..batch.groups() {
        for (at, lost) in lost.iter_mut().enumerate() {
            let met = batch.denominator(group, at).zero_lanes() & !lost.any;
            if met != 0 {
                lost.any |= met;
                lost.infinite |= met & !batch.numerator(group, at).0.zero_lanes();
            }
        }
    }
}

/// The inverses of four elements of so many lanes with one inversion, or None when one of them is zero.
#[inline(always)]
pub fn invert_all<F: Field>(product: [F; CHAINS]) -> Option<[F; CHAINS]> {
    let p01 = product[0].mul(product[1]);
    let p23 = product[2].mul(product[3]);
    let all = p01.mul(p23);
    let mut lanes = [portable::Fe::ONE; 8];
    for lane in 0..F::LANES {
        lanes[lane] = portable::Fe(all.lane(lane));
    }
    let inverted = F::from_lanes(&invert_lanes(lanes, F::LANES)?.map(|lane| lane.0));
    let (i01, i23) = (inverted.mul(p23), inverted.mul(p01));
    Some([i01.mul(product[1]), i01.mul(product[0]), i23.mul(product[3]), i23.mul(product[2])])
}

fn invert_lanes(mut lanes: [portable::Fe; 8], count: usize) -> Option<[portable::Fe; 8]> {
    let mut prefix = [portable::Fe::ONE; 8];
    let mut product = portable::Fe::ONE;
    for lane in 0..count {
        prefix[lane] = product;
        product = product.mul(lanes[lane]);
    }
    let mut inverse = product.inverse()?;
    for lane in (0..count).rev() {
        let own = inverse.mul(prefix[lane]);
        inverse = inverse.mul(lanes[lane]);
        lanes[lane] = own;
    }
    Some(lanes)
}

/// Pairs of points in one slice, `stride` apart, summed in place into the first of each pair.
pub struct Fold<'a, F> {
    pub points: &'a mut [Pt<F>],
    pub groups: usize,
    pub width: usize,
    pub stride: usize,
}

impl<F: Field> Fold<'_, F> {
    #[inline(always)]
    fn pair(&self, group: usize, at: usize) -> (&Pt<F>, &Pt<F>) {
        let first = 2 * group * self.stride * self.width + at;
        (&self.points[first], &self.points[first + self.stride * self.width])
    }
}

impl<F: Field> Batch<F> for Fold<'_, F> {
    #[inline(always)]
    fn groups(&self) -> usize {
        self.groups
    }
    #[inline(always)]
    fn width(&self) -> usize {
        self.width
    }
    #[inline(always)]
    fn denominator(&self, group: usize, at: usize) -> F {
        let (p, q) = self.pair(group, at);
        q.0.sub(p.0)
    }
    #[inline(always)]
    fn numerator(&self, group: usize, at: usize) -> (F, F, F, F) {
        let (p, q) = self.pair(group, at);
        (q.1.sub(p.1), p.0, q.0, p.1)
    }
    #[inline(always)]
    fn store(&mut self, group: usize, at: usize, point: Pt<F>) {
        let sum = &mut self.points[2 * group * self.stride * self.width + at];
        sum.0 = point.0;
        sum.1 = point.1;
    }
}
