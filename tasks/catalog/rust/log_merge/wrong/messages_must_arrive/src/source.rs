//! One input, read record by record.

use std::io::{BufRead, Write};

use crate::stamp::{Stamp, Time};

/// Lines that belong together.
pub struct Record {
    pub time: Time,
    pub stamp: Stamp,
    pub lines: Vec<Vec<u8>>,
}

impl Record {
    /// Returns what makes it equal to another one at the same time.
    pub fn text(&self) -> Vec<Vec<u8>> {
        let mut lines = self.lines.clone();
        lines[0].drain(..self.stamp.length);
        lines
    }
}

/// Where messages go.
pub struct Messages<'a> {
    pub err: &'a mut dyn Write,
    pub any: bool,
}

impl Messages<'_> {
    /// Writes a message.
    pub fn say(&mut self, text: &str) {
        self.any = true;
        writeln!(self.err, "{text}").expect("a message that arrives");
    }
}

/// An input.
pub struct Source<'a> {
    pub name: &'a str,
    reader: Box<dyn BufRead>,
    /// Lines that were read.
    line: u64,
    /// The line that begins the next record.
    next: Option<(Stamp, Vec<u8>)>,
    last: Option<Time>,
}

impl<'a> Source<'a> {
    /// Returns an input, and drops what is before its first record.
    pub fn new(name: &'a str, reader: Box<dyn BufRead>, messages: &mut Messages<'_>) -> Self {
        let mut source = Source {
            name,
            reader,
            line: 0,
            next: None,
            last: None,
        };
        if !source.read_on(messages).is_empty() {
            messages.say(&format!("{name}:1: no record yet"));
        }
        source
    }

    /// Returns the next record.
    pub fn record(&mut self, until: Option<Time>, messages: &mut Messages<'_>) -> Option<Record> {
        let (stamp, first) = self.next.take()?;
        let time = self.last.map_or(stamp.time, |last| last.max(stamp.time));
        if time != stamp.time {
            messages.say(&format!("{}:{}: out of order", self.name, self.line));
        }
        if until.is_some_and(|until| time >= until) {
            return None;
        }
        self.last = Some(time);
        let mut lines = vec![first];
        lines.append(&mut self.read_on(messages));
        Some(Record { time, stamp, lines })
    }

    /// Reads up to the next line with a stamp, and returns the lines before it.
    fn read_on(&mut self, messages: &mut Messages<'_>) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        while let Some(line) = self.read_line(messages) {
            if let Some(stamp) = Stamp::read(&line) {
                self.next = Some((stamp, line));
                break;
            }
            lines.push(line);
        }
        lines
    }

    fn read_line(&mut self, messages: &mut Messages<'_>) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let read = self.reader.read_until(b'\n', &mut line);
        if read.is_err() {
            messages.say(&format!("{}: cannot read", self.name));
        }
        if !read.is_ok_and(|count| count > 0) {
            return None;
        }
        self.line += 1;
        if line.ends_with(b"\n") {
            line.pop();
            if line.ends_with(b"\r") {
                line.pop();
            }
        }
        Some(line)
    }
}
