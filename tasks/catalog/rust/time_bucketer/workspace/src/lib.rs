//! Puts values with times into the buckets of a local calendar.

/// How wide buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// So many seconds of a local day.
    Seconds(u32),
    /// So many local days.
    Days(u32),
    /// Weeks that begin on the weekday `first`; 0 is Monday.
    Weeks { first: u8 },
    /// So many months; `first` is one in which a bucket begins, and 1 is January.
    Months { every: u32, first: u32 },
}

/// What is wrong with a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// An offset is a day or more.
    Offset,
    /// Changes are not in their order.
    Order,
    /// There are no such buckets.
    Width,
    /// The day starts on another day.
    DayStart,
}

/// A half-open interval of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first time, or `i64::MIN` if it begins earlier.
    pub start: i64,
    /// The first time after it, or none if that is no `i64`.
    pub end: Option<i64>,
}

/// What a bucket holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub span: Span,
    pub count: u64,
    pub sum: i128,
    pub min: i64,
    pub max: i64,
    /// The value with the earliest time.
    pub first: i64,
    /// The value with the latest time.
    pub last: i64,
}

/// What is said of buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A bucket with values.
    Values(Summary),
    /// A bucket without values.
    Empty(Span),
    /// Many buckets without values.
    Gap(Span),
}

/// A value came too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late;

/// Local time, cut into buckets.
#[derive(Clone, Debug)]
pub struct Calendar {}

impl Calendar {
    /// Returns a calendar in which `offset` holds at first, and others from the times of the changes on.
    pub fn new(
        offset: i32,
        changes: &[(i64, i32)],
        width: Width,
        day_start: u32,
    ) -> Result<Calendar, ConfigError> {
        let _ = (offset, changes, width, day_start);
        todo!()
    }

    /// Returns the bucket that holds a time.
    pub fn span_of(&self, time: i64) -> Span {
        let _ = time;
        todo!()
    }
}

/// Collects values.
pub struct Bucketer {}

impl Bucketer {
    /// Returns a bucketer that lets values in which are up to `lateness` seconds late.
    pub fn new(calendar: Calendar, lateness: u64, max_empty: usize) -> Bucketer {
        let _ = (calendar, lateness, max_empty);
        todo!()
    }

    /// Adds a value and returns the rows of the buckets that are closed by it.
    pub fn push(&mut self, time: i64, value: i64) -> Result<Vec<Row>, Late> {
        let _ = (time, value);
        todo!()
    }

    /// Returns the rows of all other buckets.
    pub fn finish(self) -> Vec<Row> {
        todo!()
    }
}
