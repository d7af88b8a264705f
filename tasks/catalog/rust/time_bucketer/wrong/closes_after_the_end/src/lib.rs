//! Puts values with times into the buckets of a local calendar.

use std::collections::BTreeMap;

mod width;

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
pub struct Calendar {
    width: Width,
    day_start: i128,
    stretches: Vec<Stretch>,
}

/// A time for which one offset holds.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// The first time; the first stretch has none.
    from: Option<i128>,
    offset: i128,
    /// The latest local time before it.
    reached: Option<i128>,
}

impl Calendar {
    /// Returns a calendar in which `offset` holds at first, and others from the times of the changes on.
    pub fn new(
        offset: i32,
        changes: &[(i64, i32)],
        width: Width,
        day_start: u32,
    ) -> Result<Calendar, ConfigError> {
        let mut offsets = changes.iter().map(|change| change.1).chain([offset]);
        if offsets.any(|offset| !(-86_399..=86_399).contains(&offset)) {
            return Err(ConfigError::Offset);
        }
        if changes.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(ConfigError::Order);
        }
        if !width::is_valid(width) {
            return Err(ConfigError::Width);
        }
        if i128::from(day_start) >= width::DAY {
            return Err(ConfigError::DayStart);
        }
        Ok(Calendar {
            width,
            day_start: i128::from(day_start),
            stretches: stretches(offset, changes),
        })
    }

    /// Returns the bucket that holds a time.
    pub fn span_of(&self, time: i64) -> Span {
        self.span(self.number_of(time))
    }

    /// Returns the number of the last bound that is reached at a time.
    fn number_of(&self, time: i64) -> i128 {
        let time = i128::from(time);
        let begun = |stretch: &Stretch| stretch.from.is_none_or(|from| from <= time);
        let stretch = self.stretches[self.stretches.partition_point(begun) - 1];
        let local = time + stretch.offset;
        let reached = stretch.reached.map_or(local, |reached| reached.max(local));
        width::number(self.width, reached - self.day_start)
    }

    fn span(&self, number: i128) -> Span {
        let start = self.reaches(number).max(i128::from(i64::MIN));
        Span {
            start: i64::try_from(start).expect("a bucket of a time"),
            end: i64::try_from(self.reaches(number + 1)).ok(),
        }
    }

    /// Returns when a bound is reached.
    fn reaches(&self, number: i128) -> i128 {
        let bound = width::bound(self.width, number) + self.day_start;
        let short = |stretch: &Stretch| stretch.reached.is_none_or(|reached| reached < bound);
        let stretch = self.stretches[self.stretches.partition_point(short) - 1];
        let time = bound - stretch.offset;
        stretch.from.map_or(time, |from| from.max(time))
    }
}

fn stretches(offset: i32, changes: &[(i64, i32)]) -> Vec<Stretch> {
    let mut last = Stretch {
        from: None,
        offset: i128::from(offset),
        reached: None,
    };
    let mut all = vec![last];
    for (at, offset) in changes {
        let at = i128::from(*at);
        let local = at - 1 + last.offset;
        last = Stretch {
            from: Some(at),
            offset: i128::from(*offset),
            reached: Some(last.reached.map_or(local, |reached| reached.max(local))),
        };
        all.push(last);
    }
    all
}

/// A bucket with values, and the times of its first and last value.
struct Open {
    summary: Summary,
    earliest: i64,
    latest: i64,
}

impl Open {
    fn new(span: Span, time: i64, value: i64) -> Self {
        let summary = Summary {
            span,
            count: 1,
            sum: i128::from(value),
            min: value,
            max: value,
            first: value,
            last: value,
        };
        Open {
            summary,
            earliest: time,
            latest: time,
        }
    }

    fn add(&mut self, time: i64, value: i64) {
        let summary = &mut self.summary;
        summary.count += 1;
        summary.sum += i128::from(value);
        summary.min = summary.min.min(value);
        summary.max = summary.max.max(value);
        if time < self.earliest {
            (self.earliest, summary.first) = (time, value);
        }
        if time >= self.latest {
            (self.latest, summary.last) = (time, value);
        }
    }
}

/// Collects values.
pub struct Bucketer {
    calendar: Calendar,
    lateness: i128,
    max_empty: usize,
    watermark: Option<i128>,
    /// Buckets with values that are not closed, by their starts.
    open: BTreeMap<i64, Open>,
    /// Where the last bucket ended that was returned.
    end: Option<i64>,
}

impl Bucketer {
    /// Returns a bucketer that lets values in which are up to `lateness` seconds late.
    pub fn new(calendar: Calendar, lateness: u64, max_empty: usize) -> Bucketer {
        Bucketer {
            calendar,
            lateness: i128::from(lateness),
            max_empty,
            watermark: None,
            open: BTreeMap::new(),
            end: None,
        }
    }

    /// Adds a value and returns the rows of the buckets that are closed by it.
    pub fn push(&mut self, time: i64, value: i64) -> Result<Vec<Row>, Late> {
        let span = self.calendar.span_of(time);
        if self.is_closed(span) {
            return Err(Late);
        }
        self.open
            .entry(span.start)
            .and_modify(|open| open.add(time, value))
            .or_insert_with(|| Open::new(span, time, value));
        let watermark = i128::from(time) - self.lateness;
        self.watermark = self.watermark.max(Some(watermark));
        let mut rows = Vec::new();
        while let Some(first) = self.open.first_entry() {
            let summary = first.get().summary;
            if !self.is_closed(summary.span) {
                break;
            }
            self.open.pop_first();
            self.tell(summary, &mut rows);
        }
        Ok(rows)
    }

    /// Returns the rows of all other buckets.
    pub fn finish(mut self) -> Vec<Row> {
        let mut rows = Vec::new();
        while let Some((_, open)) = self.open.pop_first() {
            self.tell(open.summary, &mut rows);
        }
        rows
    }

    fn is_closed(&self, span: Span) -> bool {
        let end = span.end.map(i128::from);
        end.zip(self.watermark)
            .is_some_and(|(end, mark)| end < mark)
    }

    /// Adds the row of a bucket, and those of the empty ones before it.
    fn tell(&mut self, summary: Summary, rows: &mut Vec<Row>) {
        let start = summary.span.start;
        if let Some(end) = self.end.filter(|end| *end < start) {
            rows.append(&mut self.empty(end, start));
        }
        rows.push(Row::Values(summary));
        self.end = summary.span.end;
    }

    /// Returns the rows of the empty buckets from one time to another.
    fn empty(&self, from: i64, to: i64) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut at = from;
        while at < to {
            if rows.len() == self.max_empty {
                return vec![Row::Gap(Span {
                    start: from,
                    end: Some(to),
                })];
            }
            let span = self.calendar.span_of(at);
            rows.push(Row::Empty(span));
            at = span.end.unwrap_or(to);
        }
        rows
    }
}
