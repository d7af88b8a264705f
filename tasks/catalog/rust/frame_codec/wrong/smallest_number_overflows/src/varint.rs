//! Numbers of variable length.

use crate::Fault;

/// The most bytes that a number has.
const LONGEST: usize = 10;

/// Appends a number.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        out.push(value as u8 & 127 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads the number with which bytes begin, and returns it with its length.
pub fn take_varint(bytes: &[u8]) -> Result<(u64, usize), Fault> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate() {
        let part = u64::from(byte & 127);
        // The tenth byte holds the last bit.
        if index + 1 == LONGEST && *byte > 1 {
            return Err(Fault::Bad);
        }
        value |= part << (7 * index);
        if byte & 128 == 0 {
            if *byte == 0 && index > 0 {
                return Err(Fault::Bad);
            }
            return Ok((value, index + 1));
        }
    }
    Err(Fault::Short)
}

/// Maps numbers near 0 to small ones.
pub fn zigzag(value: i64) -> u64 {
    if value < 0 {
        (-value) as u64 * 2 - 1
    } else {
        value as u64 * 2
    }
}

/// Undoes [`zigzag`].
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
