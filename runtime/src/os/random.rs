//! Random numbers: the system's entropy, and a small fast generator (xoshiro256++) seeded from it or by the program.
//! Not for secrets.

use core::mem::size_of;

/// Fills the bytes from the system's entropy.
pub fn entropy(bytes: &mut [u8]) {
    // SAFETY: the slice is writable for its length, which is below the 256 bytes that are never cut short.
    #[cfg(target_os = "linux")]
    let filled = super::error::check(|| unsafe {
        libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0)
    })
    .is_ok();
    // SAFETY: as above.
    #[cfg(not(target_os = "linux"))]
    let filled = unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), bytes.len()) } == 0;
    if !filled {
        // An old or locked-down system: numbers that at least differ from run to run.
        let mut seed = super::clock::monotonic_ns() ^ bytes.as_ptr() as u64;
        for byte in bytes {
            *byte = mix(&mut seed) as u8;
        }
    }
}

/// One step of splitmix64, which spreads a seed over a state.
fn mix(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *seed;
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The generator. Seeds itself at the first number.
#[derive(Default)]
pub struct Random {
    /// The state; all zero until seeded.
    state: [u64; 4],
}

impl Random {
    /// Fixes the sequence.
    pub fn seed(&mut self, mut seed: u64) {
        self.state = core::array::from_fn(|_| mix(&mut seed));
    }

    /// Forgets the seed: the next number starts a sequence that nobody can repeat.
    pub fn clear(&mut self) {
        self.state = [0; 4];
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        if self.state == [0; 4] {
            let mut bytes = [0; size_of::<u64>()];
            entropy(&mut bytes);
            self.seed(u64::from_ne_bytes(bytes));
        }
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A float in [0, 1), of 53 random bits.
    pub fn float(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from 0 up to and including `last`, all equally likely.
    pub fn up_to(&mut self, last: u64) -> u64 {
        let Some(count) = last.checked_add(1) else {
            return self.bits();
        };
        // Numbers past the last whole multiple of `count` would favour the small results.
        let whole = u64::MAX - (u64::MAX % count + 1) % count;
        loop {
            let bits = self.bits();
            if bits <= whole {
                return bits % count;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_the_sequence() {
        let (mut a, mut b) = (Random::default(), Random::default());
        a.seed(7);
        b.seed(7);
        assert!((0..100).all(|_| a.bits() == b.bits()));
        b.clear();
        assert!((0..100).any(|_| a.bits() != b.bits()));
    }

    #[test]
    fn bounds_hold() {
        let mut random = Random::default();
        for last in [0, 1, 2, 9, u64::MAX / 2 + 1, u64::MAX] {
            assert!((0..200).all(|_| random.up_to(last) <= last));
        }
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.float())));
    }
}
