//! Writes frames of fields as bytes, and finds them again in a stream.

mod frame;
mod stream;
mod varint;

pub use frame::{checksum, decode_body, encode, Frame, Value};
pub use stream::{Event, Reader};
pub use varint::{put_varint, take_varint, unzigzag, zigzag};

/// Why bytes can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// More bytes would have to follow.
    Short,
    /// They are wrong, whatever follows.
    Bad,
}
