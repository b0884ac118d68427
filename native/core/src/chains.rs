//! Four field elements side by side, and points in Jacobian coordinates made of them.
//!
//! One product's steps depend on each other; four independent products at a time keep the multiplier busy.

use crate::curve::CHAINS;
use crate::vector::Field;

/// Elements of [`CHAINS`] columns; tight, as all that is stored here.
#[derive(Clone, Copy)]
pub struct Chains<F>(pub [F; CHAINS]);

impl<F: Field> Chains<F> {
    #[inline(always)]
    pub fn splat(limbs: [u64; 5]) -> Self {
        Self([F::splat(limbs); CHAINS])
    }
    #[inline(always)]
    pub fn mul(&self, other: &Self) -> Self {
        let mut out = *self;
        for c in 0..CHAINS {
            out.0[c] = self.0[c].mul(other.0[c]);
        }
        out
    }
    #[inline(always)]
    pub fn sqr(&self) -> Self {
        let mut out = *self;
        for c in 0..CHAINS {
            out.0[c] = self.0[c].sqr();
        }
        out
    }
    /// self^(2^times).
    #[inline(always)]
    pub fn squared(&self, times: u32) -> Self {
        let mut out = *self;
        for _ in 0..times {
            out = out.sqr();
        }
        out
    }
    /// self·b − c.
    #[inline(always)]
    pub fn mul_sub(&self, b: &Self, c: &Self) -> Self {
        let mut out = *self;
        for i in 0..CHAINS {
            out.0[i] = self.0[i].mul_sub(b.0[i], c.0[i]);
        }
        out
    }
    /// self² − b − c.
    #[inline(always)]
    pub fn sqr_sub2(&self, b: &Self, c: &Self) -> Self {
        let mut out = *self;
        for i in 0..CHAINS {
            out.0[i] = self.0[i].sqr_sub2(b.0[i], c.0[i]);
        }
        out
    }
    #[inline(always)]
    pub fn sub(&self, other: &Self) -> Self {
        let mut out = *self;
        for c in 0..CHAINS {
            out.0[c] = self.0[c].sub(other.0[c]).tight();
        }
        out
    }
    /// K times self, for K up to 8.
    #[inline(always)]
    pub fn times<const K: u64>(&self) -> Self {
        let mut out = *self;
        for c in 0..CHAINS {
            out.0[c] = self.0[c].times::<K>();
        }
        out
    }
}

/// (X, Y, Z) in each lane stands for the affine point (X/Z², Y/Z³).
///
/// An exceptional case cannot pass unseen: adding equal or opposite points makes Z zero, and from then on
/// every doubling and addition keeps it zero.
#[derive(Clone, Copy)]
pub struct Jacobian<F> {
    pub x: Chains<F>,
    pub y: Chains<F>,
    pub z: Chains<F>,
}

impl<F: Field> Jacobian<F> {
    /// Source: Cohen, Miyaji, Ono, ASIACRYPT 1998, with a = 0.
    #[inline(always)]
    pub fn double(&self) -> Self {
        let y2 = self.y.sqr();
        let x2 = self.x.sqr();
        let s = self.x.mul(&y2).times::<4>();
        let z = self.y.mul(&self.z).times::<2>();
        let m = x2.times::<3>();
        let x = m.sqr_sub2(&s, &s);
        let y = m.mul_sub(&s.sub(&x), &y2.sqr().times::<8>());
        Self { x, y, z }
    }

    /// self + (x, y), for points that are neither equal nor opposite. Source: as above.
    #[inline(always)]
    pub fn add_affine(&self, x: &Chains<F>, y: &Chains<F>) -> Self {
        let z2 = self.z.sqr();
        let h = z2.mul_sub(x, &self.x);
        let r = z2.mul(&self.z).mul_sub(y, &self.y);
        let h2 = h.sqr();
        let z = self.z.mul(&h);
        let h3 = h2.mul(&h);
        let v = self.x.mul(&h2);
        let x = r.sqr_sub2(&h3, &v.times::<2>());
        let y = r.mul_sub(&v.sub(&x), &self.y.mul(&h3));
        Self { x, y, z }
    }
}
