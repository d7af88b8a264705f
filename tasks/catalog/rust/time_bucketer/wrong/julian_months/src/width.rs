//! Bounds: where widths cut local time.

use crate::Width;

pub const DAY: i128 = 86_400;

/// Returns whether there are such buckets.
pub fn is_valid(width: Width) -> bool {
    match width {
        Width::Seconds(n) => n > 0 && 86_400 % n == 0,
        Width::Days(n) => n > 0,
        Width::Weeks { first } => first < 7,
        Width::Months { every, first } => every > 0 && 12 % every == 0 && (1..=12).contains(&first),
    }
}

/// Returns the number of the last bound that is not after a local time. Numbers grow by one from bound to bound.
pub fn number(width: Width, local: i128) -> i128 {
    let day = local.div_euclid(DAY);
    match width {
        Width::Seconds(n) => local.div_euclid(i128::from(n)),
        Width::Days(n) => day.div_euclid(i128::from(n)),
        Width::Weeks { first } => (day - first_week(first)).div_euclid(7),
        Width::Months { every, first } => {
            (month_of(day) - i128::from(first - 1)).div_euclid(i128::from(every))
        }
    }
}

/// Returns the local time of a bound.
pub fn bound(width: Width, number: i128) -> i128 {
    match width {
        Width::Seconds(n) => number * i128::from(n),
        Width::Days(n) => number * i128::from(n) * DAY,
        Width::Weeks { first } => (number * 7 + first_week(first)) * DAY,
        Width::Months { every, first } => {
            first_day(number * i128::from(every) + i128::from(first - 1)) * DAY
        }
    }
}

/// Returns a day that is a given weekday: day 0 was a Thursday.
fn first_week(first: u8) -> i128 {
    i128::from(first) - 3
}

/// Returns the month of a day, counted from January of year 0.
fn month_of(day: i128) -> i128 {
    // A month has 30.436875 days on average, so that the guess is one off at most.
    let guess = ((day + 719_528) * 4_800).div_euclid(146_097);
    let mut near = (guess - 1..=guess + 1).rev();
    near.find(|month| first_day(*month) <= day)
        .expect("a month near the guess")
}

/// Returns the day on which a month begins, counted from January of year 0.
fn first_day(month: i128) -> i128 {
    // Years begin with March, so that the leap day comes last.
    let month = month - 2;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
    let leaps = year.div_euclid(4) - 15;
    year * 365 + leaps + (month * 153 + 2) / 5 + 60 - 719_528
}
