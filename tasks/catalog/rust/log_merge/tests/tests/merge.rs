use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Write};
use std::rc::Rc;

use log_merge::{run_merge, Inputs};

/// What came of a run.
#[derive(Debug, PartialEq)]
struct Done {
    code: i32,
    out: String,
    err: Vec<String>,
}

fn done(code: i32, out: &str, err: &[&str]) -> Done {
    let err = err.iter().map(|line| line.to_string()).collect();
    let out = out.to_string();
    Done { code, out, err }
}

/// Inputs by their names. What was opened is kept.
#[derive(Default)]
struct Files {
    files: Vec<(&'static str, Vec<u8>)>,
    opened: Vec<String>,
}

impl Inputs for Files {
    fn open_input(&mut self, name: &str) -> io::Result<Box<dyn BufRead>> {
        self.opened.push(name.into());
        let found = self.files.iter().find(|(file, _)| *file == name);
        let (_, content) = found.ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(content.clone())))
    }
}

/// Returns a file of lines that stand in a text, with `|` for the ends of lines, and short stamps: `@07` is
/// seven seconds past midnight.
fn file(name: &'static str, text: &str) -> (&'static str, Vec<u8>) {
    (name, full(text).into_bytes())
}

fn full(text: &str) -> String {
    let text = text.replace('|', "\n");
    let parts = text.split('@').enumerate();
    let stamped = parts.map(|(number, part)| match number {
        0 => part.to_string(),
        _ => format!("2024-03-01T00:00:{}Z{}", &part[..2], &part[2..]),
    });
    stamped.collect()
}

/// Runs the tool; messages are sorted.
fn run(args: &[&str], files: &[(&'static str, Vec<u8>)]) -> Done {
    let files = files.to_vec();
    let mut inputs = Files {
        files,
        opened: Vec::new(),
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run_merge(args, &mut inputs, &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let mut err: Vec<String> = text(err).lines().map(str::to_string).collect();
    err.sort();
    let out = text(out);
    Done { code, out, err }
}

/// Runs it over one file `a` that holds the text as it is, and returns what is written.
fn over(args: &[&str], text: &str) -> String {
    let mut all = args.to_vec();
    all.push("a");
    run(&all, &[("a", text.into())]).out
}

#[test]
fn records_are_written_in_the_order_of_their_times() {
    let files = [
        file("a", "@01 one|@04 four|@05 five|"),
        file("b", "@02 two|@06 six|"),
        file("c", ""),
        file("d", "@03 three|"),
    ];
    let wanted = full("@01 one|@02 two|@03 three|@04 four|@05 five|@06 six|");
    assert_eq!(run(&["a", "b", "c", "d"], &files), done(0, &wanted, &[]));
}

#[test]
fn ties_follow_the_order_of_names() {
    let files = [
        file("a", "@01 a1|@02 a2|@02 a3|"),
        file("b", "@02 b1|@02 b2|"),
    ];
    let out = run(&["b", "a"], &files).out;
    assert_eq!(out, full("@01 a1|@02 b1|@02 b2|@02 a2|@02 a3|"));
    let out = run(&["a", "b"], &files).out;
    assert_eq!(out, full("@01 a1|@02 a2|@02 a3|@02 b1|@02 b2|"));
}

#[test]
fn an_input_named_twice_is_two_inputs() {
    let files = [file("-", "@01 x|@02 y|")];
    let out = run(&["-", "-"], &files).out;
    assert_eq!(out, full("@01 x|@01 x|@02 y|@02 y|"));
}

#[test]
fn lines_without_a_stamp_belong_to_the_record_before() {
    let files = [
        file("a", "@01 one| at x||  @00 no|@05 five|end"),
        file("b", "@02|@02x|"),
    ];
    let wanted = full("@01 one| at x||  @00 no|@02|@02x|@05 five|end|");
    assert_eq!(run(&["b", "a"], &files), done(0, &wanted, &[]));
}

#[test]
fn lines_before_the_first_record_are_dropped_with_one_message() {
    let files = [
        file("a", "|x|@01 one|"),
        file("b", "only"),
        file("c", "@02 c|"),
    ];
    let err = ["a:1: no record yet", "b:1: no record yet"];
    assert_eq!(
        run(&["a", "b", "c"], &files),
        done(1, &full("@01 one|@02 c|"), &err)
    );
}

#[test]
fn a_record_out_of_order_follows_the_one_before() {
    let files = [
        file("a", "@01 a1|@05 a2|x|@03 a3|y|@04 a4|@06 a5|@02 a6|"),
        file("b", "@04 b1|@05 b2|@06 b3|"),
    ];
    let wanted = "@01 a1|@04 b1|@05 b2|@05 a2|x|@03 a3|y|@04 a4|@06 b3|@06 a5|@02 a6|";
    let err = [
        "a:4: out of order",
        "a:6: out of order",
        "a:8: out of order",
    ];
    assert_eq!(run(&["b", "a"], &files), done(1, &full(wanted), &err));
}

#[test]
fn ends_of_lines_become_one() {
    let text = "2024-03-01T00:00:01Z a\r\nb\r\r\nc\rd\n\r\n2024-03-01T00:00:02Z\r\ne\r";
    let wanted = "2024-03-01T00:00:01Z a\nb\r\nc\rd\n\n2024-03-01T00:00:02Z\ne\r\n";
    assert_eq!(over(&[], text), wanted);
    let text = "2024-03-01T00:00:01Z\n\n";
    assert_eq!(over(&[], text), text, "an empty line at the end");
}

#[test]
fn bytes_of_any_encoding_pass() {
    let content = b"2024-03-01T00:00:01Z \xff\xfe\0|\xe4\n\x80\n".to_vec();
    let mut inputs = Files {
        files: vec![("a", content.clone())],
        opened: vec![],
    };
    let mut out = Vec::new();
    let code = run_merge(&["a"], &mut inputs, &mut out, &mut io::sink());
    assert_eq!((code, out), (0, content));
}

#[test]
fn only_true_stamps_begin_records() {
    let first = "2024-03-01T00:00:00Z first\n";
    let wrong = "2023-02-29T00:00:00Z 1900-02-29T00:00:00Z 2024-00-01T00:00:00Z 2024-13-01T00:00:00Z \
        2024-04-31T00:00:00Z 2024-03-00T00:00:00Z 0000-03-01T00:00:00Z 2024-03-01T24:00:00Z 2024-03-01T00:60:00Z \
        2024-03-01T00:00:60Z 2024-03-01T00:00:00 2024-03-01t00:00:00Z 2024-03-01T00:00:00z 2024-03-01T00:00:00.Z \
        2024-03-01T00:00:00.1234567890Z 2024-03-01T00:00:00+0100 2024-03-01T00:00:00+24:00 2024-03-01T00:00:00+01:60 \
        2024-03-01T00:00:00+1:00 2024-03-01T00:00:00,5Z 2024-3-01T00:00:00Z +024-03-01T00:00:00Z 2024-03-01T00:00:+1Z \
        0001-01-01T00:00:00+00:01 9999-12-31T23:59:59-00:01 2024-03-01T00:00:00Zx 0000-12-31T23:59:59-00:01 \
        2024/03/01T00:00:00Z 2024-03-01T00-00:00Z 2024-03-01T00:00-00Z 2024-03/01T00:00:00Z 2024-03-01T00:00:00+01";
    for text in wrong
        .split_ascii_whitespace()
        .chain(["2024-03-01T00:00:00Z\t"])
    {
        let text = format!("{first}{text} ü\n");
        let found = over(&["--tag", "--utc", "--from=2024-03-01T00:00:00Z"], &text);
        let wanted = text.lines().map(|line| format!("[a] {line}\n"));
        assert_eq!(found, wanted.collect::<String>());
        let alone = text.lines().nth(1).unwrap().into();
        let found = run(&["a"], &[("a", alone)]);
        assert_eq!(found, done(1, "", &["a:1: no record yet"]), "of {text}");
    }
    let right = "2024-02-29T23:59:59Z 2000-02-29T00:00:00.123456789Z 2024-12-31T00:00:00+23:59 2024-11-30T00:00:00-23:59 \
        0001-01-01T00:00:00Z 9999-12-31T23:59:59.999999999Z 0001-01-01T00:01:00+00:01 9999-12-31T23:58:59-00:01";
    for text in right.split_ascii_whitespace() {
        let found = run(&["a"], &[("a", format!("{text}\n").into_bytes())]);
        assert_eq!(found, done(0, &format!("{text}\n"), &[]));
    }
}

#[test]
fn months_have_their_days() {
    let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, days) in (1..).zip(days) {
        let last = format!("2023-{month:02}-{days}T23:59:59-00:01 x\n");
        let (next, year) = (month % 12 + 1, 2023 + month / 12);
        let wanted = format!("{year}-{next:02}-01T00:00:59Z x\n");
        assert_eq!(over(&["--utc"], &last), wanted);
        let behind = format!("2023-{month:02}-{}T00:00:00Z x\n", days + 1);
        assert_eq!(over(&[], &behind), "", "{behind}");
    }
}

#[test]
fn times_are_compared_and_not_their_texts() {
    let lines = [
        "0001-01-01T00:00:00Z 1",
        "1999-12-31T22:30:00-01:00 2",
        "2000-01-01T00:30:00+00:30 3",
        "2000-01-01T00:00:00.000000001Z 4",
        "2000-01-01T00:00:00.09Z 5",
        "2000-01-01T02:00:00.1+02:00 6",
        "2000-01-01T00:00:00.3Z 6",
        "2000-01-01T00:00:00.42Z 6",
        "2000-01-01T00:00:00.43Z 6",
        "2000-01-01T00:00:00.5Z 6",
        "2000-01-01T00:00:00.8Z 6",
        "2000-01-01T00:00:00.9Z 6",
        "2000-01-01T00:00:00.999999999Z 6",
        "2000-01-01T00:00:01Z 7",
        "2000-02-29T23:59:59Z 8",
        "2000-03-01T00:00:00Z 9",
        "9999-12-31T23:59:59.999999999Z 10",
    ];
    let pick = |rest| {
        let picked = lines.iter().enumerate().filter(move |it| it.0 % 2 == rest);
        picked
            .map(|(_, line)| format!("{line}\n"))
            .collect::<String>()
    };
    let files = [("a", pick(1).into_bytes()), ("b", pick(0).into_bytes())];
    let wanted: String = lines.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(run(&["a", "b"], &files), done(0, &wanted, &[]));
}

#[test]
fn from_and_until_bound_the_times() {
    let files = [
        file("a", "@01 a|@02 b|x|@03 c|@02 d|@04 e|y|@09 f|"),
        file("b", "@00 g|@04 h|@03 i|"),
    ];
    let (from, until) = (full("@02"), full("@04"));
    let args = ["--from", &from, "a", "b", "--until", &until];
    let wanted = full("@02 b|x|@03 c|@02 d|");
    assert_eq!(run(&args, &files), done(1, &wanted, &["a:5: out of order"]));
    let args = [&format!("--from={until}"), "a", "b"];
    let wanted = full("@04 e|y|@04 h|@03 i|@09 f|");
    let err = ["a:5: out of order", "b:3: out of order"];
    assert_eq!(run(&args, &files), done(1, &wanted, &err));
    let until = format!("--until={from}");
    assert_eq!(run(&[&until, "b"], &files).out, full("@00 g|"));
    let none = run(
        &["--from", "2024-03-01T02:00:04+02:00", &until, "a"],
        &files,
    );
    assert_eq!(none, done(0, "", &[]));
}

#[test]
fn dedup_leaves_out_what_was_written() {
    let files = [
        file("a", "@01 x|@01 y|@01 x|@02 x|k|@02 x|@03 x|@02 x|"),
        (
            "b",
            b"2024-03-01T01:00:01.0+01:00 y\r\n2024-03-01T00:00:01Z\n2024-03-01T00:00:02Z x\r\nk"
                .to_vec(),
        ),
        file("c", "@01  x|@02|@02|x|k|"),
    ];
    let out = run(&["--dedup", "a", "b", "c"], &files).out;
    let wanted = "@01 x|@01 y|@01|@01  x|@02 x|k|@02 x|@02|@02|x|k|@03 x|";
    assert_eq!(out, full(wanted));
    let later = ["--dedup", "--tag", "--utc", "b", "a"];
    let out = run(&later, &files[..2]).out;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[0], "[b] 2024-03-01T00:00:01.0Z y",
        "the first one is written"
    );
    assert_eq!(lines.len(), 7, "{out}");
}

#[test]
fn tag_names_the_input_of_each_line() {
    let files = [file("a b", "@01 x||y|@03 z|"), file("c", "@02 u|v")];
    let out = run(&["c", "--tag", "a b"], &files).out;
    let wanted = "[a b] @01 x|[a b] |[a b] y|[c] @02 u|[c] v|[a b] @03 z|";
    assert_eq!(out, full(wanted));
}

#[test]
fn utc_rewrites_stamps() {
    let steps = [
        (
            "2024-03-01T00:30:00.50+02:00 a",
            "2024-02-29T22:30:00.50Z a",
        ),
        ("2023-03-01T00:30:00+00:31", "2023-02-28T23:59:00Z"),
        ("1900-02-28T23:30:00-00:30 b", "1900-03-01T00:00:00Z b"),
        ("2000-02-28T23:30:00-00:30 b", "2000-02-29T00:00:00Z b"),
        ("2024-12-31T23:59:59.9-23:59 c", "2025-01-01T23:58:59.9Z c"),
        ("2024-01-01T00:00:00+00:01 d", "2023-12-31T23:59:00Z d"),
        ("2024-12-31T12:00:00-00:00 e", "2024-12-31T12:00:00Z e"),
        ("9999-12-31T22:58:59-01:01 f", "9999-12-31T23:59:59Z f"),
        (
            "0001-01-01T10:09:08.000000070+10:09 g",
            "0001-01-01T00:00:08.000000070Z g",
        ),
        ("0400-12-31T01:02:03Z h", "0400-12-31T01:02:03Z h"),
    ];
    for (line, wanted) in steps {
        assert_eq!(
            over(&["--utc"], &format!("{line}\n")),
            format!("{wanted}\n")
        );
    }
    let text =
        "2024-03-01T02:00:05+01:00 x\n 2024-03-01T02:00:05+01:00\n2024-03-01T02:00:03+01:00 y\n";
    let wanted = "2024-03-01T01:00:05Z x\n 2024-03-01T02:00:05+01:00\n2024-03-01T01:00:03Z y\n";
    assert_eq!(over(&["--utc"], text), wanted);
}

#[test]
fn after_two_dashes_all_are_names() {
    let files = [
        file("--tag", "@01 x|"),
        file("--", "@02 y|"),
        file("a", "@03 z|"),
    ];
    let out = run(&["a", "--", "--tag", "--"], &files).out;
    assert_eq!(out, full("@01 x|@02 y|@03 z|"));
}

#[test]
fn wrong_usage_is_said_before_anything_is_opened() {
    let stamp = "2024-03-01T00:00:00Z";
    let wrong: [&[&str]; 16] = [
        &[],
        &["--tag"],
        &["--"],
        &["a", "-x"],
        &["a", "--Tag"],
        &["a", "--tag=x"],
        &["a", "--tag="],
        &["a", "--tag", "--utc", "--tag"],
        &["a", "--dedup", "--dedup"],
        &["a", "--from"],
        &["a", "--until", "--tag"],
        &["a", "--from="],
        &["a", "--from", "2024-03-01"],
        &["a", "--from", "2024-03-01T00:00:00Z "],
        &["--from", stamp, "a", "--from=2024-03-01T00:00:00Z"],
        &["--until", stamp, "a", "--until", stamp],
    ];
    for args in wrong {
        let mut inputs = Files {
            files: vec![file("a", "@01 x|")],
            opened: vec![],
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = run_merge(args, &mut inputs, &mut out, &mut err);
        assert_eq!((code, out.len()), (2, 0), "{args:?}");
        assert_eq!(inputs.opened, [""; 0], "{args:?}");
        let err = String::from_utf8(err).unwrap();
        assert!(
            err.starts_with("log_merge: ") && err.ends_with('\n'),
            "{err:?}"
        );
        assert_eq!(err.lines().count(), 1, "{err:?}");
    }
}

/// Hands out its content, and fails then.
struct Breaks(Cursor<Vec<u8>>);

impl Read for Breaks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("broken")),
            count => Ok(count),
        }
    }
}

/// Opens inputs by a function.
struct By<F>(F);

impl<F: FnMut(&str) -> io::Result<Box<dyn BufRead>>> Inputs for By<F> {
    fn open_input(&mut self, name: &str) -> io::Result<Box<dyn BufRead>> {
        (self.0)(name)
    }
}

#[test]
fn inputs_that_fail_do_not_stop_the_others() {
    let mut inputs = By(|name: &str| -> io::Result<Box<dyn BufRead>> {
        match name {
            "bad" => Err(ErrorKind::PermissionDenied.into()),
            "good" => Ok(Box::new(Cursor::new(full("@02 good|@04 more|")))),
            _ => {
                let content = full("@01 one|@03 three|x|@04 fo");
                let content = if name == "early" {
                    b"2024".to_vec()
                } else {
                    content.into()
                };
                Ok(Box::new(BufReader::new(Breaks(Cursor::new(content)))))
            }
        }
    });
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = ["bad", "late", "early", "good"];
    let code = run_merge(&args, &mut inputs, &mut out, &mut err);
    let mut err: Vec<_> = std::str::from_utf8(&err).unwrap().lines().collect();
    err.sort();
    let wanted = [
        "bad: cannot open",
        "early: cannot read",
        "late: cannot read",
    ];
    assert_eq!((code, err), (1, wanted.to_vec()));
    let wanted = full("@01 one|@02 good|@03 three|x|@04 more|");
    assert_eq!(String::from_utf8(out).unwrap(), wanted);
}

/// Hands out line after line, and notes which.
struct Noted {
    name: String,
    line: usize,
    lines: Box<dyn Iterator<Item = String>>,
    now: Cursor<Vec<u8>>,
    log: Rc<RefCell<Vec<String>>>,
}

impl Read for Noted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Noted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.now.get_ref().len() as u64 == self.now.position() {
            self.line += 1;
            let line = self.lines.next();
            self.log
                .borrow_mut()
                .push(format!("{}{}", self.name, self.line));
            self.now = Cursor::new(line.unwrap_or_default().into_bytes());
        }
        self.now.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.now.consume(count);
    }
}

/// Notes what is written, and fails after some lines.
struct Output {
    log: Rc<RefCell<Vec<String>>>,
    part: Vec<u8>,
    lines: usize,
    most: usize,
    kind: ErrorKind,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.lines >= self.most {
            return Err(self.kind.into());
        }
        for byte in bytes {
            if *byte != b'\n' {
                self.part.push(*byte);
                continue;
            }
            self.lines += 1;
            let line = String::from_utf8(std::mem::take(&mut self.part)).unwrap();
            let word = line.rsplit(' ').next().unwrap();
            self.log.borrow_mut().push(format!("write {word}"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.lines >= self.most {
            true => Err(self.kind.into()),
            false => Ok(()),
        }
    }
}

/// Runs over inputs of noted lines until some lines are written.
fn noted(
    args: &[&str],
    most: usize,
    kind: ErrorKind,
    lines: impl Fn(&str) -> Box<dyn Iterator<Item = String>>,
) -> (i32, String, Vec<String>) {
    let log = Rc::new(RefCell::new(Vec::new()));
    let mut inputs = By(|name: &str| -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(Noted {
            name: name.into(),
            line: 0,
            lines: lines(name),
            now: Cursor::default(),
            log: log.clone(),
        }))
    });
    let mut out = Output {
        log: log.clone(),
        part: Vec::new(),
        lines: 0,
        most,
        kind,
    };
    let mut err = Vec::new();
    let code = run_merge(args, &mut inputs, &mut out, &mut err);
    let log = log.take();
    (code, String::from_utf8(err).unwrap(), log)
}

/// Returns the lines of an endless log.
fn endless(step: usize) -> Box<dyn Iterator<Item = String>> {
    let times = (0..).map(move |number| number * step);
    Box::new(times.map(|time| {
        format!(
            "2024-03-01T{:02}:{:02}:{:02}Z {time}\n",
            time / 3600,
            time / 60 % 60,
            time % 60
        )
    }))
}

#[test]
fn inputs_are_read_no_further_than_needed() {
    let text = "@01 one|x|@03 three|@05 five|y|@07 seven|";
    let (code, _, log) = noted(&["a", "b"], 99, ErrorKind::Other, |name| {
        let text = if name == "a" {
            full(text)
        } else {
            full("@04 four|")
        };
        let lines: Vec<String> = text.split_inclusive('\n').map(str::to_string).collect();
        Box::new(lines.into_iter())
    });
    assert_eq!(code, 0);
    let at = |what: &str| log.iter().position(|entry| entry == what);
    let all = format!("{log:?}");
    for (first, then) in [
        ("a3", "write one"),
        ("b1", "write one"),
        ("write x", "a4"),
        ("a4", "write three"),
        ("write three", "a5"),
        ("write four", "a7"),
        ("write y", "a7"),
    ] {
        let order = (at(first), at(then));
        assert!(
            order.0.is_some() && order.0 < order.1,
            "{first} before {then}: {all}"
        );
    }
}

#[test]
fn until_stops_reading() {
    let args = ["--until", "2024-03-01T00:00:05Z", "2", "3"];
    let (code, err, log) = noted(&args, 99, ErrorKind::Other, |name| {
        endless(name.parse().unwrap())
    });
    assert_eq!((code, err.as_str()), (0, ""));
    let written: Vec<_> = log.iter().filter(|entry| entry.starts_with('w')).collect();
    assert_eq!(
        written,
        ["write 0", "write 0", "write 2", "write 3", "write 4"]
    );
    assert!(!log.contains(&"25".to_string()), "2 is at its end: {log:?}");
    assert!(!log.contains(&"34".to_string()), "3 is at its end: {log:?}");
}

#[test]
fn a_broken_pipe_stops_quietly() {
    let lines = |_: &str| -> Box<dyn Iterator<Item = String>> {
        Box::new(["x\n".to_string()].into_iter().chain(endless(7)))
    };
    let (code, err, log) = noted(&["7"], 3, ErrorKind::BrokenPipe, lines);
    assert_eq!((code, err.as_str()), (0, "7:1: no record yet\n"));
    let written = log.iter().filter(|entry| entry.starts_with('w'));
    assert_eq!(written.count(), 3);
}

#[test]
fn other_errors_of_the_output_are_said() {
    let wanted = (3, "log_merge: cannot write\n");
    let (code, err, _) = noted(&["7"], 3, ErrorKind::StorageFull, |_| endless(7));
    assert_eq!((code, err.as_str()), wanted, "while it writes");
    let (code, err, log) = noted(&["7"], 3, ErrorKind::StorageFull, |_| {
        Box::new(endless(7).take(3))
    });
    assert_eq!((code, err.as_str()), wanted, "at the flush: {log:?}");
    let (code, err, _) = noted(&["7"], 3, ErrorKind::BrokenPipe, |_| {
        Box::new(endless(7).take(3))
    });
    assert_eq!((code, err.as_str()), (0, ""), "a broken pipe at the flush");
}

/// Takes nothing.
struct Deaf;

impl Write for Deaf {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(ErrorKind::StorageFull.into())
    }
}

#[test]
fn messages_that_can_not_be_written_change_nothing() {
    let mut inputs = Files {
        files: vec![file("a", "x|@02 one|@01 two|")],
        opened: vec![],
    };
    let mut out = Vec::new();
    let code = run_merge(&["a", "b"], &mut inputs, &mut out, &mut Deaf);
    let wanted = full("@02 one|@01 two|").into_bytes();
    assert_eq!((code, out), (1, wanted));
    let code = run_merge(&["--no"], &mut inputs, &mut Vec::new(), &mut Deaf);
    assert_eq!(code, 2, "wrong usage");
}
