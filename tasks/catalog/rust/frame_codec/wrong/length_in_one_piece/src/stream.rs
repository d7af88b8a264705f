//! Finds frames in a stream.

use crate::frame::{checksum, decode_body, Frame, START};
use crate::varint::take_varint;
use crate::Fault;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A frame.
    Frame(Frame),
    /// So many bytes that are in no frame.
    Skipped(usize),
}

/// Gets bytes in pieces, and finds frames.
pub struct Reader {
    max_body: usize,
    bytes: Vec<u8>,
    /// Where the search goes on.
    at: usize,
    /// Bytes that were skipped and not told.
    skipped: usize,
    /// A frame that comes after what is told of skipped bytes.
    found: Option<Frame>,
}

impl Reader {
    /// Returns a reader for bodies of at most `max_body` bytes.
    pub fn new(max_body: usize) -> Reader {
        Reader {
            max_body,
            bytes: Vec::new(),
            at: 0,
            skipped: 0,
            found: None,
        }
    }

    /// Appends bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Returns how many bytes wait for others.
    pub fn kept(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Returns what comes next.
    pub fn next_event(&mut self) -> Option<Event> {
        self.next(false)
    }

    /// Returns all events that are left.
    pub fn finish(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next(true) {
            events.push(event);
        }
        if self.skipped > 0 {
            events.push(Event::Skipped(self.skipped));
        }
        events
    }

    fn next(&mut self, last: bool) -> Option<Event> {
        if let Some(frame) = self.found.take() {
            return Some(Event::Frame(frame));
        }
        let frame = self.search(last)?;
        if self.skipped == 0 {
            return Some(Event::Frame(frame));
        }
        self.found = Some(frame);
        Some(Event::Skipped(std::mem::take(&mut self.skipped)))
    }

    fn search(&mut self, last: bool) -> Option<Frame> {
        while self.at < self.bytes.len() {
            match self.frame_here() {
                Ok((frame, length)) => {
                    self.at += length;
                    return Some(frame);
                }
                Err(Fault::Short) if !last => return None,
                Err(_) => {
                    self.at += 1;
                    self.skipped += 1;
                }
            }
        }
        None
    }

    /// Reads the frame that begins here, and returns it with its length.
    fn frame_here(&self) -> Result<(Frame, usize), Fault> {
        let bytes = &self.bytes[self.at..];
        if bytes[0] != START {
            return Err(Fault::Bad);
        }
        let (body, size) = take_varint(&bytes[1..]).map_err(|_| Fault::Bad)?;
        let body = usize::try_from(body).map_err(|_| Fault::Bad)?;
        if body > self.max_body {
            return Err(Fault::Bad);
        }
        let start = 1 + size;
        let end = start.checked_add(body).ok_or(Fault::Bad)?;
        let sum = bytes.get(end..).ok_or(Fault::Short)?;
        let sum = sum.get(..2).ok_or(Fault::Short)?;
        if checksum(&bytes[1..end]).to_be_bytes() != sum {
            return Err(Fault::Bad);
        }
        Ok((decode_body(&bytes[start..end])?, end + 2))
    }
}
