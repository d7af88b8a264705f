//! Merges logs into one, in the order of time.

use std::collections::HashSet;
use std::io::{self, BufRead, Write};

mod options;
mod source;
mod stamp;

use options::Options;
use source::{Messages, Record, Source};
use stamp::Time;

/// Opens inputs by their names.
pub trait Inputs {
    /// Opens an input from its beginning.
    fn open_input(&mut self, name: &str) -> io::Result<Box<dyn BufRead>>;
}

/// Runs the tool and returns its exit code.
pub fn run_merge(
    args: &[&str],
    inputs: &mut dyn Inputs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> i32 {
    let mut messages = Messages { err, any: false };
    let options = match Options::read(args) {
        Ok(options) => options,
        Err(problem) => {
            messages.say(&format!("log_merge: {problem}"));
            return 2;
        }
    };
    match merge(&options, inputs, out, &mut messages) {
        Ok(()) => i32::from(messages.any),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(_) => {
            messages.say("log_merge: cannot write");
            3
        }
    }
}

fn merge(
    options: &Options<'_>,
    inputs: &mut dyn Inputs,
    out: &mut dyn Write,
    messages: &mut Messages<'_>,
) -> io::Result<()> {
    let mut sources = Vec::new();
    for name in &options.names {
        match inputs.open_input(name) {
            Ok(reader) => sources.push(Source::new(name, reader, messages)),
            Err(_) => messages.say(&format!("{name}: cannot open")),
        }
    }
    let mut seen = Seen::default();
    let mut heads: Vec<Option<Record>> = sources
        .iter_mut()
        .map(|source| source.record(options.until, messages))
        .collect();
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|index| sources[*index].name);
    while let Some((index, record)) = earliest(&mut heads, &order) {
        let early = options.from.is_some_and(|from| record.time < from);
        if !early && !(options.dedup && seen.before(&record)) {
            write_record(options, sources[index].name, &record, out)?;
        }
        heads[index] = sources[index].record(options.until, messages);
    }
    out.flush()
}

/// Takes the record that comes next, and returns it with the number of its input.
fn earliest(heads: &mut [Option<Record>], order: &[usize]) -> Option<(usize, Record)> {
    let times = order.iter().map(|index| (*index, &heads[*index]));
    let (_, index) = times
        .filter_map(|(index, head)| head.as_ref().map(|record| (record.time, index)))
        .min_by_key(|(time, _)| *time)?;
    heads[index].take().map(|record| (index, record))
}

/// The texts of records at one time.
#[derive(Default)]
struct Seen {
    time: Option<Time>,
    texts: HashSet<Vec<Vec<u8>>>,
}

impl Seen {
    /// Returns whether there was such a record before, and remembers it.
    fn before(&mut self, record: &Record) -> bool {
        if self.time.replace(record.time) != Some(record.time) {
            self.texts.clear();
        }
        !self.texts.insert(record.text())
    }
}

fn write_record(
    options: &Options<'_>,
    name: &str,
    record: &Record,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = Vec::new();
    for (number, line) in record.lines.iter().enumerate() {
        if options.tag {
            text.extend_from_slice(format!("[{name}] ").as_bytes());
        }
        let mut line = line.as_slice();
        if options.utc && number == 0 {
            text.extend(record.stamp.in_utc(line));
            line = &line[record.stamp.length..];
        }
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    out.write_all(&text)
}
