//! Memory for points, in pages of 2 MiB where the system has them.
//!
//! A verification reads a line here and a line there of many megabytes. In pages of 4 KiB the processor has to look
//! up the place of nearly every one of them: a sixth of a batch's time where each key signs once. The system is
//! asked and may refuse; nothing else changes then.

use std::alloc::{Layout, handle_alloc_error};
use std::ops::Range;

use memmap2::MmapMut;

use crate::vector::Point;

/// What x86-64 and AArch64 have above 4 KiB.
const PAGE_BYTES: usize = 2 << 20;

/// A fixed number of points.
pub struct Pages {
    memory: MmapMut,
    used: Range<usize>,
}

impl Pages {
    /// So many points, all zero; memory is taken as they are written.
    pub fn of(points: usize) -> Self {
        let bytes = points * size_of::<Point>();
        // Room to begin and to end at a page's edge.
        let mapped = bytes.next_multiple_of(PAGE_BYTES) + PAGE_BYTES;
        let no_memory = |_| handle_alloc_error(Layout::array::<Point>(points).expect("a size in bytes"));
        let memory = MmapMut::map_anon(mapped).unwrap_or_else(no_memory);
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage);
        let first = memory.as_ptr().align_offset(PAGE_BYTES);
        Self { memory, used: first..first + bytes }
    }

    /// The points.
    #[inline(always)]
    pub fn points(&self) -> &[Point] {
        bytemuck::cast_slice(&self.memory[self.used.clone()])
    }

    /// The points, to be written.
    pub fn points_mut(&mut self) -> &mut [Point] {
        bytemuck::cast_slice_mut(&mut self.memory[self.used.clone()])
    }
}
