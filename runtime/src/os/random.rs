//! Random numbers.

/// The generator's state.
#[derive(Default)]
pub struct Random {
    /// State; 0 until seeded.
    pub state: u64,
}
