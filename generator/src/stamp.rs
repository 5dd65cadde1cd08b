//! What the file system tells of a file without reading it: enough to notice, in all likelihood, that it changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A moment of the file system's clock: seconds since 1970, which may be before it, and nanoseconds of that second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Moment {
    seconds: i64,
    nanoseconds: u32,
}

impl Moment {
    /// From the numbers of `stat`, where nanoseconds are always below a second.
    fn new(seconds: i64, nanoseconds: i64) -> Self {
        Self { seconds, nanoseconds: u32::try_from(nanoseconds).unwrap_or(0) }
    }

    /// So much later.
    fn later(self, by: Duration) -> Self {
        let nanoseconds = self.nanoseconds.saturating_add(by.subsec_nanos());
        let seconds =
            i64::try_from(by.as_secs()).unwrap_or(i64::MAX).saturating_add(i64::from(nanoseconds / SECOND));
        Self { seconds: self.seconds.saturating_add(seconds), nanoseconds: nanoseconds % SECOND }
    }

    /// For setting the time of a file; nothing when the system's clock does not reach there.
    fn to_system_time(self) -> Option<SystemTime> {
        let whole = Duration::from_secs(self.seconds.unsigned_abs());
        let second = if self.seconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(whole)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(whole)
        };
        second?.checked_add(Duration::from_nanos(self.nanoseconds.into()))
    }
}

/// Nanoseconds.
const SECOND: u32 = 1_000_000_000;

/// For how long after a change a file may change again without another time: FAT counts in steps of two seconds, and no file
/// system of the day in longer ones.
const COARSE_STEP: Duration = Duration::from_secs(2);

/// The same where times are not of whole seconds: Linux takes them from a clock that ticks a hundred times a second, or more often.
const FINE_STEP: Duration = Duration::from_millis(20);

/// Tells whether a file is still the one that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) size_bytes: u64,
    /// Last change of the bytes, as far as nobody set it.
    pub(crate) modified: Moment,
    /// Last change of anything about the file. No program can set it.
    pub(crate) changed: Moment,
    /// Another one after a rename.
    pub(crate) inode: u64,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            size_bytes: metadata.len(),
            modified: Moment::new(metadata.mtime(), metadata.mtime_nsec()),
            changed: Moment::new(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    /// Whether two files are the same as far as size and time tell, as `rsync` looks at a copy and its source.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        self.size_bytes == other.size_bytes && self.modified == other.modified
    }

    /// From when on a change would show. Until then the bytes may change again and the stamp stay what it is: git calls such files
    /// "racily clean". Who sets the time of the bytes cannot set that of the change, which counts for itself.
    /// What this is compared with is told by the clock of the output's file system: packages on another machine, whose clock is
    /// behind by more than that, are taken for older than they are.
    pub(crate) fn tells_from(&self) -> Moment {
        let step = if self.changed.nanoseconds == 0 { COARSE_STEP } else { FINE_STEP };
        self.modified.later(COARSE_STEP).max(self.changed.later(step))
    }

    /// The time that a copy is given.
    pub(crate) fn modified_time(&self) -> Option<SystemTime> {
        self.modified.to_system_time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(modified: (i64, u32), changed: (i64, u32)) -> Stamp {
        let moment = |(seconds, nanoseconds)| Moment { seconds, nanoseconds };
        Stamp { modified: moment(modified), changed: moment(changed), ..Stamp::default() }
    }

    #[test]
    fn a_stamp_tells_of_changes_from_the_next_tick_of_the_clock_on() {
        let moment = |seconds, nanoseconds| Moment { seconds, nanoseconds };
        // Just written.
        assert_eq!(stamp((100, 7), (100, 7)).tells_from(), moment(102, 7));
        // Just written, and given an old time: where seconds are counted, and where less is.
        assert_eq!(stamp((5, 7), (100, 0)).tells_from(), moment(102, 0));
        assert_eq!(stamp((5, 7), (100, 7)).tells_from(), moment(100, 20_000_007));
        assert_eq!(stamp((5, 7), (100, 990_000_000)).tells_from(), moment(101, 10_000_000));
        // A time of tomorrow tells nothing until then.
        assert_eq!(stamp((900, 0), (100, 7)).tells_from(), moment(902, 0));
    }

    #[test]
    fn a_time_is_given_back_as_it_was_even_from_before_1970() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for time in [
            SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789),
            SystemTime::UNIX_EPOCH - Duration::new(86_400, 250_000_000),
        ] {
            file.as_file().set_modified(time).unwrap();
            let stamp = Stamp::of(&file.as_file().metadata().unwrap());
            assert_eq!(stamp.modified_time(), Some(time));
        }
    }
}
