//! Merges logs into one, in the order of time.

use std::io::{self, BufRead, Write};

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
    let _ = (args, inputs, out, err);
    todo!()
}
