use buckets::{Bucketer, Calendar, ConfigError, Late, Row, Span, Summary, Width};

const DAY: i64 = 86_400;
/// The midnight at which a day begins, at offset 0.
const MIDNIGHT: i64 = 100 * DAY;
/// Europe in 2024: an hour forward at 2:00, and back at 3:00.
const SPRING: i64 = 1_711_846_800;
const AUTUMN: i64 = 1_729_990_800;
const EUROPE: [(i64, i32); 2] = [(SPRING, 7200), (AUTUMN, 3600)];

fn calendar(offset: i32, changes: &[(i64, i32)], width: Width) -> Calendar {
    Calendar::new(offset, changes, width, 0).expect("a right calendar")
}

fn utc(width: Width) -> Calendar {
    calendar(0, &[], width)
}

fn span(start: i64, end: i64) -> Span {
    let end = Some(end);
    Span { start, end }
}

/// Checks that buckets have these bounds, one after the other.
fn check(calendar: &Calendar, bounds: &[i64]) {
    for pair in bounds.windows(2) {
        let wanted = span(pair[0], pair[1]);
        for time in [pair[0], pair[0] + (pair[1] - pair[0]) / 2, pair[1] - 1] {
            assert_eq!(calendar.span_of(time), wanted, "of {time}");
        }
    }
}

/// Returns a bucketer with buckets of 10 seconds.
fn tens(lateness: u64, max_empty: usize) -> Bucketer {
    Bucketer::new(utc(Width::Seconds(10)), lateness, max_empty)
}

/// Returns rows in short: `start:count` of values, `start-` of an empty bucket, `start..end` of a gap.
fn short(rows: &[Row]) -> String {
    let words: Vec<String> = rows
        .iter()
        .map(|row| match row {
            Row::Values(summary) => format!("{}:{}", summary.span.start, summary.count),
            Row::Empty(span) => format!("{}-", span.start),
            Row::Gap(span) => format!("{}..{}", span.start, span.end.unwrap_or(0)),
        })
        .collect();
    words.join(" ")
}

/// Pushes values 1 at these times and returns the rows of each push in short, and at last those of the end.
fn pushed(mut bucketer: Bucketer, times: &[i64]) -> Vec<String> {
    let mut said: Vec<String> = times
        .iter()
        .map(|time| match bucketer.push(*time, 1) {
            Ok(rows) => short(&rows),
            Err(Late) => String::from("late"),
        })
        .collect();
    said.push(short(&bucketer.finish()));
    said
}

#[test]
fn a_day_is_cut_into_equal_parts() {
    check(&utc(Width::Seconds(3600)), &[-7200, -3600, 0, 3600, 7200]);
    check(&utc(Width::Seconds(1)), &[-2, -1, 0, 1, 2]);
    check(&utc(Width::Seconds(86_400)), &[-DAY, 0, DAY]);
    let east = calendar(5400, &[], Width::Seconds(21_600));
    check(&east, &[-27_000, -5400, 16_200, 37_800, 59_400, 81_000]);
    let west = calendar(-5400, &[], Width::Seconds(43_200));
    check(&west, &[-37_800, 5400, 48_600]);
}

#[test]
fn days_are_counted_from_1970() {
    check(&utc(Width::Days(1)), &[-DAY, 0, DAY]);
    check(&utc(Width::Days(3)), &[-6 * DAY, -3 * DAY, 0, 3 * DAY]);
    let west = calendar(-3600, &[], Width::Days(2));
    check(&west, &[3600 - 2 * DAY, 3600, 3600 + 2 * DAY]);
    let longest = i64::from(u32::MAX) * DAY;
    check(&utc(Width::Days(u32::MAX)), &[-longest, 0, longest]);
}

#[test]
fn weeks_begin_on_the_weekday_asked_for() {
    // 1970-01-01 was a Thursday.
    for (first, day) in [(3, 0), (4, 1), (5, 2), (6, 3), (0, 4), (1, 5), (2, 6)] {
        let weeks = utc(Width::Weeks { first });
        check(&weeks, &[(day - 7) * DAY, day * DAY, (day + 7) * DAY]);
    }
}

#[test]
fn months_are_those_of_the_calendar() {
    let months = utc(Width::Months { every: 1, first: 1 });
    check(&months, &[1_701_388_800, 1_704_067_200, 1_706_745_600]);
    check(&months, &[1_706_745_600, 1_709_251_200]); // February 2024
    check(&months, &[-2_206_310_400, -2_203_891_200]); // February 1900
    check(&months, &[949_363_200, 951_868_800]); // February 2000
    check(&months, &[-62_164_540_800, -62_162_035_200]); // February of year 0
    let later = utc(Width::Months { every: 1, first: 9 });
    check(&later, &[1_701_388_800, 1_704_067_200, 1_706_745_600]);
}

#[test]
fn groups_of_months_begin_in_the_month_asked_for() {
    let quarters = utc(Width::Months { every: 3, first: 2 });
    check(&quarters, &[1_698_796_800, 1_706_745_600, 1_714_521_600]);
    let quarters = utc(Width::Months {
        every: 3,
        first: 11,
    });
    check(&quarters, &[1_698_796_800, 1_706_745_600, 1_714_521_600]);
    let years = utc(Width::Months {
        every: 12,
        first: 12,
    });
    check(&years, &[1_701_388_800, 1_733_011_200]);
    check(&years, &[-62_169_897_600, -62_138_275_200]); // from December of year -1
}

#[test]
fn days_have_23_or_25_hours_where_clocks_change() {
    let days = calendar(3600, &EUROPE, Width::Days(1));
    check(&days, &[1_711_753_200, 1_711_839_600, 1_711_922_400]);
    check(&days, &[1_729_980_000, 1_730_070_000, 1_730_156_400]);
}

#[test]
fn a_bucket_that_is_jumped_over_is_not_there() {
    let hours = calendar(3600, &EUROPE, Width::Seconds(3600));
    check(&hours, &[SPRING - 3600, SPRING, SPRING + 3600]);
    let halves = calendar(0, &[(MIDNIGHT + 700, 3600)], Width::Seconds(1800));
    let bounds = [MIDNIGHT, MIDNIGHT + 700, MIDNIGHT + 1800, MIDNIGHT + 3600];
    check(&halves, &bounds);
}

#[test]
fn a_bound_that_was_reached_stays_reached() {
    let hours = calendar(3600, &EUROPE, Width::Seconds(3600));
    check(&hours, &[AUTUMN - 7200, AUTUMN - 3600, AUTUMN + 3600]);
    let halves = calendar(3600, &EUROPE, Width::Seconds(1800));
    check(&halves, &[AUTUMN - 3600, AUTUMN - 1800, AUTUMN + 3600]);
    let back = calendar(0, &[(MIDNIGHT + 1800, -3600)], Width::Days(1));
    check(&back, &[MIDNIGHT - DAY, MIDNIGHT, MIDNIGHT + DAY + 3600]);
}

#[test]
fn a_clock_put_back_at_midnight_has_not_reached_it() {
    let days = calendar(0, &[(MIDNIGHT, -3600)], Width::Days(1));
    let tomorrow = MIDNIGHT + 3600;
    check(&days, &[MIDNIGHT - DAY, tomorrow, tomorrow + DAY]);
    let days = calendar(0, &[(MIDNIGHT + 1, -3600)], Width::Days(1));
    check(&days, &[MIDNIGHT - DAY, MIDNIGHT, tomorrow + DAY]);
}

#[test]
fn a_clock_put_forward_over_midnight_reaches_it() {
    for early in [1, 1800, 3600] {
        let change = MIDNIGHT - early;
        let days = calendar(0, &[(change, 3600)], Width::Days(1));
        check(&days, &[MIDNIGHT - DAY, change, MIDNIGHT + DAY - 3600]);
    }
    let days = calendar(0, &[(MIDNIGHT - 3601, 3600)], Width::Days(1));
    check(&days, &[MIDNIGHT - DAY, MIDNIGHT - 3600]);
}

#[test]
fn whole_days_are_left_out_and_repeated() {
    let change = 1_325_239_200; // 2011-12-30 10:00 UTC
    let samoa = [(change, 50_400)];
    let days = calendar(-36_000, &samoa, Width::Days(1));
    check(&days, &[change - DAY, change, change + DAY]);
    let weeks = calendar(-36_000, &samoa, Width::Weeks { first: 0 });
    check(&weeks, &[change - 4 * DAY, change + 2 * DAY]);
    let manila = [(MIDNIGHT, -57_600)];
    let days = calendar(28_800, &manila, Width::Days(1));
    let before = MIDNIGHT - 28_800;
    check(&days, &[before, before + 2 * DAY, before + 3 * DAY]);
}

#[test]
fn all_changes_before_count_for_what_was_reached() {
    let changes = [
        (MIDNIGHT + 60, -86_000),
        (MIDNIGHT + 120, -40_000),
        (MIDNIGHT + 200, -40_000),
    ];
    let days = calendar(0, &changes, Width::Days(1));
    let next = MIDNIGHT + DAY + 40_000;
    check(&days, &[MIDNIGHT - DAY, MIDNIGHT, next, next + DAY]);
    for time in [MIDNIGHT + 59, MIDNIGHT + 60, MIDNIGHT + 119, MIDNIGHT + 200] {
        assert_eq!(days.span_of(time), span(MIDNIGHT, next), "of {time}");
    }
    let changes = [changes[0], changes[1], (MIDNIGHT + 200, 86_000)];
    let days = calendar(0, &changes, Width::Days(1));
    check(&days, &[MIDNIGHT, MIDNIGHT + 400, MIDNIGHT + 400 + DAY]);
}

#[test]
fn buckets_agree_with_the_definition_second_by_second() {
    let mut state = 2_463_534_242_u64;
    let mut chance = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for round in 0..40 {
        let mut offsets = vec![(i64::MIN, chance(121) as i32 - 60)];
        let mut at = -200;
        while at < 150 {
            at += 1 + chance(60) as i64;
            offsets.push((at, chance(121) as i32 - 60));
        }
        let width = [5, 20, 60, 150][chance(4) as usize];
        let calendar = calendar(offsets[0].1, &offsets[1..], Width::Seconds(width));

        let local = |time: i64| {
            let holds = offsets.iter().rev().find(|(from, _)| *from <= time);
            time + i64::from(holds.expect("an offset").1)
        };
        let numbers: Vec<i64> = (-600..400)
            .map(|time| local(time).div_euclid(i64::from(width)))
            .scan(i64::MIN, |most, number| {
                *most = number.max(*most);
                Some(*most)
            })
            .collect();
        let starts: Vec<i64> = (-599..400)
            .filter(|time| numbers[(time + 600) as usize] != numbers[(time + 599) as usize])
            .collect();
        for pair in starts.windows(2) {
            for time in pair[0]..pair[1] {
                let found = calendar.span_of(time);
                let wanted = span(pair[0], pair[1]);
                assert_eq!(found, wanted, "of {time} in round {round}: {calendar:?}");
            }
        }
    }
}

#[test]
fn day_start_moves_all_bounds() {
    let at_4 = |width| Calendar::new(0, &[], width, 14_400).expect("a right calendar");
    check(&at_4(Width::Days(1)), &[14_400 - DAY, 14_400, 14_400 + DAY]);
    check(
        &at_4(Width::Seconds(21_600)),
        &[-7200, 14_400, 36_000, 57_600],
    );
    let weeks = Width::Weeks { first: 3 };
    check(&at_4(weeks), &[14_400, 14_400 + 7 * DAY]);
    let months = Width::Months { every: 1, first: 1 };
    check(&at_4(months), &[1_701_403_200, 1_704_081_600]);
    let latest = Calendar::new(3600, &EUROPE, Width::Days(1), 86_399);
    let latest = latest.expect("a right calendar");
    check(&latest, &[1_711_839_599, 1_711_922_399, 1_712_008_799]);
}

#[test]
fn wrong_calendars_are_refused() {
    let error = |offset, changes: &[(i64, i32)], width, day_start| {
        Calendar::new(offset, changes, width, day_start).err()
    };
    use ConfigError::{DayStart, Offset, Order, Width as Wide};
    let days = Width::Days(1);
    for offset in [86_400, -86_400, i32::MIN] {
        assert_eq!(error(offset, &[], days, 0), Some(Offset), "{offset}");
        assert_eq!(error(0, &[(1, 0), (1, offset)], days, 0), Some(Offset));
    }
    assert_eq!(error(86_399, &[(1, -86_399), (2, -86_399)], days, 0), None);
    assert_eq!(error(0, &[(1, 0), (1, 1)], days, 86_400), Some(Order));
    assert_eq!(
        error(0, &[(1, 0), (2, 1), (0, 1)], Width::Days(0), 0),
        Some(Order)
    );
    let months = |every, first| Width::Months { every, first };
    let wrong = [
        Width::Seconds(0),
        Width::Seconds(7),
        Width::Seconds(172_800),
        Width::Days(0),
        Width::Weeks { first: 7 },
        months(0, 1),
        months(5, 1),
        months(24, 1),
        months(1, 0),
        months(1, 13),
    ];
    for width in wrong {
        assert_eq!(error(0, &[], width, 86_400), Some(Wide), "{width:?}");
    }
    assert_eq!(error(0, &[], days, 86_400), Some(DayStart));
    for width in [Width::Seconds(86_400), months(6, 12), months(4, 1)] {
        assert_eq!(error(0, &[], width, 86_399), None, "{width:?}");
    }
}

#[test]
fn the_ends_of_time_are_in_buckets() {
    let first = |width, end| {
        let found = utc(width).span_of(i64::MIN);
        assert_eq!(found, span(i64::MIN, end), "{width:?}");
        let before = utc(width).span_of(end - 1);
        assert_eq!(before, span(i64::MIN, end), "{width:?}");
    };
    let last = |width, start| {
        let wanted = Span { start, end: None };
        assert_eq!(utc(width).span_of(i64::MAX), wanted, "{width:?}");
        assert_eq!(utc(width).span_of(start), wanted, "{width:?}");
    };
    first(Width::Seconds(1), i64::MIN + 1);
    first(Width::Days(1), -9_223_372_036_854_720_000);
    first(
        Width::Months { every: 1, first: 1 },
        -9_223_372_036_854_374_400,
    );
    first(
        Width::Months {
            every: 12,
            first: 1,
        },
        -9_223_372_036_825_516_800,
    );
    last(Width::Seconds(1), i64::MAX);
    last(Width::Days(1), 9_223_372_036_854_720_000);
    last(
        Width::Months { every: 1, first: 1 },
        9_223_372_036_854_460_800,
    );
    last(
        Width::Months {
            every: 12,
            first: 1,
        },
        9_223_372_036_825_516_800,
    );
    let whole = calendar(-86_399, &[], Width::Seconds(1)).span_of(i64::MAX - 1);
    assert_eq!(whole, span(i64::MAX - 1, i64::MAX), "ends with an i64");
}

#[test]
fn changes_at_the_ends_of_time_count() {
    let early = calendar(0, &[(i64::MIN, 3600)], Width::Seconds(3600));
    let found = early.span_of(i64::MIN);
    assert_eq!(found, span(i64::MIN, i64::MIN + 1808), "forward");
    let early = calendar(0, &[(i64::MIN, -3600)], Width::Seconds(3600));
    let found = early.span_of(i64::MIN);
    assert_eq!(found, span(i64::MIN, i64::MIN + 1808 + 3600), "back");
    let late = calendar(0, &[(i64::MAX, 86_399)], Width::Days(1));
    let wanted = Span {
        start: i64::MAX,
        end: None,
    };
    assert_eq!(late.span_of(i64::MAX), wanted, "the last second");
    assert_eq!(late.span_of(i64::MAX - 1).end, Some(i64::MAX));
}

#[test]
fn a_summary_has_it_all() {
    let mut bucketer = tens(100, 0);
    for (time, value) in [(15, 4), (12, -7), (18, 9), (12, 5), (18, 1), (14, 9)] {
        assert_eq!(bucketer.push(time, value), Ok(vec![]), "{time}");
    }
    bucketer.push(29, i64::MAX).unwrap();
    bucketer.push(20, i64::MAX).unwrap();
    bucketer.push(21, i64::MIN).unwrap();
    let tens = Summary {
        span: span(10, 20),
        count: 6,
        sum: 21,
        min: -7,
        max: 9,
        first: -7,
        last: 1,
    };
    let twenties = Summary {
        span: span(20, 30),
        count: 3,
        sum: i128::from(i64::MAX) - 1,
        min: i64::MIN,
        max: i64::MAX,
        first: i64::MAX,
        last: i64::MAX,
    };
    let rows = vec![Row::Values(tens), Row::Values(twenties)];
    assert_eq!(bucketer.finish(), rows);
}

#[test]
fn buckets_close_when_the_watermark_reaches_their_end() {
    let said = pushed(tens(0, 9), &[5, 9, 10, 12, 20, 45]);
    assert_eq!(said, ["", "", "0:2", "", "10:2", "20:1", "30- 40:1"]);
    let said = pushed(tens(5, 9), &[5, 14, 15, 10, 24, 3, 25]);
    assert_eq!(said, ["", "", "0:1", "", "", "late", "10:3", "20:2"]);
}

#[test]
fn late_values_change_nothing() {
    let said = pushed(tens(10, 9), &[25, 10, 9, 30, 19, 20, 9]);
    let wanted = ["", "", "late", "10:1", "late", "", "late", "20:2 30:1"];
    assert_eq!(said, wanted);
}

#[test]
fn older_values_do_not_move_the_watermark_back() {
    let said = pushed(tens(10, 9), &[39, 21, 15, 25, 40, 29]);
    assert_eq!(said, ["", "", "late", "", "20:2", "late", "30:1 40:1"]);
}

#[test]
fn values_come_before_all_others_until_their_bucket_is_closed() {
    let said = pushed(tens(30, 9), &[45, 25, 55, 21, 60]);
    assert_eq!(said, ["", "", "", "", "20:2", "30- 40:1 50:1 60:1"]);
}

#[test]
fn empty_buckets_are_said_before_the_next_with_values() {
    let said = pushed(tens(0, 3), &[5, 45, 46, 62, 75]);
    assert_eq!(
        said,
        ["", "0:1", "", "10- 20- 30- 40:2", "50- 60:1", "70:1"]
    );
    let said = pushed(tens(20, 3), &[5, 35, 65, 95]);
    assert_eq!(
        said,
        ["", "0:1", "10- 20- 30:1", "40- 50- 60:1", "70- 80- 90:1"]
    );
    let mut bucketer = tens(50, 1);
    for time in [5, 25] {
        assert_eq!(bucketer.push(time, 1), Ok(vec![]), "{time}");
    }
    assert_eq!(bucketer.finish()[1], Row::Empty(span(10, 20)));
}

#[test]
fn more_empty_buckets_are_one_gap() {
    let said = pushed(tens(0, 3), &[5, 55, 56, 62]);
    assert_eq!(said, ["", "0:1", "", "10..50 50:2", "60:1"]);
    let said = pushed(tens(0, 0), &[5, 15, 35, 85]);
    assert_eq!(said, ["", "0:1", "10:1", "20..30 30:1", "40..80 80:1"]);
}

#[test]
fn buckets_that_are_jumped_over_are_not_empty() {
    let hours = || calendar(3600, &EUROPE, Width::Seconds(3600));
    let times = [SPRING - 1, SPRING, SPRING + 7200];
    let said = pushed(Bucketer::new(hours(), 0, 1), &times);
    let (before, empty, last) = (SPRING - 3600, SPRING + 3600, SPRING + 7200);
    let end = format!("{empty}- {last}:1");
    let wanted = ["", &format!("{before}:1"), &format!("{SPRING}:1"), &end];
    assert_eq!(said, wanted);
    let times = [SPRING - 3601, SPRING + 3600];
    let said = pushed(Bucketer::new(hours(), 0, 2), &times);
    let end = format!("{before}- {SPRING}- {empty}:1");
    assert_eq!(said, ["", &format!("{}:1", SPRING - 7200), &end]);
}

#[test]
fn a_gap_over_all_time_takes_none() {
    let seconds = utc(Width::Seconds(1));
    let mut bucketer = Bucketer::new(seconds, u64::MAX, 1000);
    for time in [i64::MIN, i64::MAX, 0, i64::MIN] {
        assert_eq!(bucketer.push(time, 1), Ok(vec![]), "{time}");
    }
    let rows = bucketer.finish();
    let gaps = [span(i64::MIN + 1, 0), span(1, i64::MAX)];
    let found: Vec<_> = rows.iter().filter(|row| gaps.contains(gap(row))).collect();
    assert_eq!((rows.len(), found.len()), (5, 2), "{rows:?}");

    let seconds = utc(Width::Seconds(1));
    let mut bucketer = Bucketer::new(seconds, 0, 1000);
    for time in [i64::MIN, i64::MAX] {
        bucketer.push(time, 1).unwrap();
    }
    assert_eq!(bucketer.push(i64::MAX, 1), Ok(vec![]), "it never closes");
    assert_eq!(bucketer.push(0, 1), Err(Late));
    let end = format!("{}..{} {1}:2", i64::MIN + 1, i64::MAX);
    assert_eq!(short(&bucketer.finish()), end);
}

fn gap(row: &Row) -> &Span {
    match row {
        Row::Gap(span) | Row::Empty(span) => span,
        Row::Values(summary) => &summary.span,
    }
}
