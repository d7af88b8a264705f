//! Stamps, and the times that they say.

/// A time: seconds since 0001-01-01 in UTC, and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    seconds: i64,
    nanos: u32,
}

const DAY: i64 = 86_400;
/// The length of `YYYY-MM-DDThh:mm:ss`.
const WHOLE: usize = 19;

/// A stamp that was read.
pub struct Stamp {
    pub time: Time,
    /// How many bytes it has.
    pub length: usize,
    /// How many of them are the fraction of the second, with its point.
    fraction: usize,
}

impl Stamp {
    /// Reads the stamp with which a line begins, if there is one.
    pub fn read(line: &[u8]) -> Option<Stamp> {
        let stamp = Stamp::prefix(line)?;
        matches!(line.get(stamp.length), None | Some(b' ')).then_some(stamp)
    }

    /// Reads a text that is a stamp and nothing else.
    pub fn parse(text: &str) -> Option<Stamp> {
        Stamp::prefix(text.as_bytes()).filter(|stamp| stamp.length == text.len())
    }

    fn prefix(line: &[u8]) -> Option<Stamp> {
        let local = whole(line.get(..WHOLE)?)?;
        let rest = &line[WHOLE..];
        let (fraction, nanos) = nanos(rest)?;
        let rest = &rest[fraction..];
        let (zone, offset) = match rest.first()? {
            b'Z' => (1, 0),
            b'+' => (6, offset(rest)?),
            b'-' => (6, -offset(rest)?),
            _ => return None,
        };
        let seconds = local - offset;
        (0..days_before(10_000) * DAY)
            .contains(&seconds)
            .then_some(Stamp {
                time: Time { seconds, nanos },
                length: WHOLE + fraction + zone,
                fraction,
            })
    }

    /// Returns the stamp of a line in UTC.
    pub fn in_utc(&self, line: &[u8]) -> Vec<u8> {
        let (mut day, second) = (self.time.seconds / DAY, self.time.seconds % DAY);
        let mut year = day / 366 + 1;
        while days_before(year + 1) <= day {
            year += 1;
        }
        day -= days_before(year);
        let mut month = 1;
        while days_in(year, month) <= day {
            day -= days_in(year, month);
            month += 1;
        }
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let mut text = format!(
            "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}",
            day + 1,
            second % 60
        )
        .into_bytes();
        text.extend_from_slice(&line[WHOLE..WHOLE + self.fraction]);
        text.push(b'Z');
        text
    }
}

/// Reads a date and a time of day.
fn whole(text: &[u8]) -> Option<i64> {
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| text[*at] != *mark) {
        return None;
    }
    let (year, month) = (number(&text[..4])?, number(&text[5..7])?);
    let day = number(&text[8..10])?;
    if year < 1 || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let (hour, minute) = (number(&text[11..13])?, number(&text[14..16])?);
    let second = number(&text[17..])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    let days = days_before(year) + months + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// Reads the fraction of a second, and returns its length and its nanoseconds.
fn nanos(rest: &[u8]) -> Option<(usize, u32)> {
    if rest.first() != Some(&b'.') {
        return Some((0, 0));
    }
    let count = rest[1..].iter().take_while(|byte| byte.is_ascii_digit());
    let count = count.count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let value = number(&rest[1..=count])?;
    Some((count + 1, value as u32))
}

/// Reads an offset, whatever its sign.
fn offset(rest: &[u8]) -> Option<i64> {
    let text = rest.get(1..6)?;
    let (hours, minutes) = (number(&text[..2])?, number(&text[3..])?);
    (text[2] == b':' && hours <= 23 && minutes <= 59).then_some((hours * 60 + minutes) * 60)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

/// Returns the days from 0001-01-01 to the beginning of a year.
fn days_before(year: i64) -> i64 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
